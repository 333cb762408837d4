import { NAMESPACE } from './xml.js';

/** XML Schema 1.0 of a document, served at /config/config.xsd. */
export const XSD = `<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="${NAMESPACE}" targetNamespace="${NAMESPACE}" elementFormDefault="qualified">
  <xs:annotation>
    <xs:documentation>Channels and bans that gateways and bots take from a Parley. Each version replaces the one before it as a whole.</xs:documentation>
  </xs:annotation>
  <xs:element name="parley">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="channel" type="channel" minOccurs="0" maxOccurs="2000"/>
        <xs:element name="ban" type="ban" minOccurs="0" maxOccurs="2000"/>
      </xs:sequence>
      <xs:attribute name="name" type="xs:token" use="required"/>
      <xs:attribute name="version" type="xs:positiveInteger" use="required"/>
    </xs:complexType>
  </xs:element>
  <xs:simpleType name="name">
    <xs:annotation><xs:documentation>Of a network or a room.</xs:documentation></xs:annotation>
    <xs:restriction base="xs:string"><xs:pattern value="[A-Za-z0-9._\\-]{1,64}"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="line">
    <xs:restriction base="xs:string"><xs:maxLength value="200"/></xs:restriction>
  </xs:simpleType>
  <xs:complexType name="channel">
    <xs:annotation><xs:documentation>A channel to be in, and the room that it is part of.</xs:documentation></xs:annotation>
    <xs:attribute name="network" type="name" use="required"/>
    <xs:attribute name="channel" type="line" use="required"/>
    <xs:attribute name="room" type="name" use="required"/>
    <xs:attribute name="direction" default="both">
      <xs:simpleType>
        <xs:restriction base="xs:string">
          <xs:enumeration value="in"/><xs:enumeration value="out"/><xs:enumeration value="both"/>
        </xs:restriction>
      </xs:simpleType>
    </xs:attribute>
  </xs:complexType>
  <xs:complexType name="ban">
    <xs:annotation><xs:documentation>Who is kept out: without network and room, everywhere; without until, for as long as the document says so.</xs:documentation></xs:annotation>
    <xs:attribute name="kind" default="ban">
      <xs:simpleType>
        <xs:restriction base="xs:string"><xs:enumeration value="ban"/><xs:enumeration value="mute"/></xs:restriction>
      </xs:simpleType>
    </xs:attribute>
    <xs:attribute name="by" use="required">
      <xs:simpleType>
        <xs:restriction base="xs:string">
          <xs:enumeration value="author"/><xs:enumeration value="mask"/><xs:enumeration value="ip"/><xs:enumeration value="nick"/><xs:enumeration value="text"/>
        </xs:restriction>
      </xs:simpleType>
    </xs:attribute>
    <xs:attribute name="target" type="line" use="required"/>
    <xs:attribute name="network" type="name"/>
    <xs:attribute name="room" type="name"/>
    <xs:attribute name="reason" type="line"/>
    <xs:attribute name="until" type="xs:dateTime"/>
  </xs:complexType>
</xs:schema>
`;
