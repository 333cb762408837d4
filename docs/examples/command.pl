#!/usr/bin/perl
# A command for Parley in Perl, over a bare TCP socket: !roll [sides]
# Usage: perl command.pl data/services/dice.json   (`node: { services: { dice: [roll] } }` in the config makes that file)
# A NATS micro service: it answers "$SRV.INFO" with its endpoint and metadata, and calls on its subject with JSON or text.
use strict;
use warnings;
use IO::Socket::INET;
use JSON::PP;    # both come with Perl

open my $file, '<', $ARGV[0] // '' or die "usage: command.pl <store>/services/dice.json\n";
my $login = decode_json(do { local $/; <$file> });
my ($host, $port) = $login->{servers}[0] =~ m{^(?:nats://)?\[?(.+?)\]?:(\d+)$} or die "this example speaks no TLS\n";
my $command = "$login->{prefix}.command.roll";
my $id = join '', map { ('A' .. 'Z', 0 .. 9)[rand 36] } 1 .. 22;
my %self = (name => 'dice', id => $id, version => '1.0.0', metadata => {});
my %endpoint = (
    name => 'roll', subject => $command, queue_group => 'q',
    metadata => { usage => '[sides]', help => 'Rolls a die.', examples => "roll\nroll 20", cooldown => '2s' },
);

my $nats = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port) or die "cannot reach $host:$port: $!\n";
$nats->autoflush(1);
<$nats>;         # INFO
my %hello = (verbose => JSON::PP::false, pedantic => JSON::PP::false, lang => 'perl', version => '1.0.0');
@hello{ 'user', 'pass' } = @$login{ 'user', 'password' };
print $nats 'CONNECT ' . encode_json(\%hello) . "\r\n";
print $nats "SUB \$SRV.$_ 1\r\n" for 'INFO', 'INFO.dice', "INFO.dice.$id", 'PING', 'PING.dice', "PING.dice.$id";
print $nats "SUB $command q 2\r\nPING\r\n";

while (my $line = <$nats>) {
    if    ($line =~ /^PING/) { print $nats "PONG\r\n" }
    elsif ($line =~ /^-ERR (.*)/) { die "the server says $1\n" }
    elsif ($line =~ /^PONG/) { print "roll is offered\n"; STDOUT->flush }
    elsif ($line =~ /^MSG (\S+) \d+ (?:(\S+) )?(\d+)\r\n/) {
        my ($subject, $reply, $length) = ($1, $2, $3);
        read $nats, my $body, $length + 2;
        answer($reply, $subject eq $command ? roll($body) : about($subject)) if defined $reply;
    }
}

sub about {
    my ($subject) = @_;
    return encode_json({ %self, type => 'io.nats.micro.v1.ping_response' }) if $subject =~ /PING/;
    return encode_json({ %self, type => 'io.nats.micro.v1.info_response', endpoints => [ \%endpoint ] });
}

sub roll {
    my $call = decode_json(substr $_[0], 0, -2);
    my $sides = $call->{args}[0] // 6;
    return encode_json({ text => 'A die has 2 to 1000 sides.', private => JSON::PP::true })
        unless $sides =~ /^\d{1,4}$/ && $sides >= 2 && $sides <= 1000;
    return encode_json({ text => "$call->{caller}{name} rolls " . (1 + int rand $sides) });
}

sub answer {
    my ($reply, $body) = @_;
    print $nats "PUB $reply " . length($body) . "\r\n$body\r\n";
}
