/**
 * Which gateway should own a network: the one with the label that the network prefers most; among equals the winner of
 * a rendezvous hash, so that everybody comes to the same order without talking, networks are spread, and the death
 * of a gateway moves nothing but its own networks.
 */
import { createHash } from 'node:crypto';

export interface Candidate {
  readonly gateway: string;
  readonly labels: readonly string[];
}

/** First the one that should own it. */
export function ranked<Any extends Candidate>(
  network: string,
  prefer: readonly string[],
  candidates: readonly Any[],
): readonly Any[] {
  return candidates
    .map((candidate) => ({
      candidate,
      place: preferenceOf(prefer, candidate),
      weight: weightOf(network, candidate.gateway),
    }))
    .sort((one, other) => one.place - other.place || compare(other.weight, one.weight))
    .map(({ candidate }) => candidate);
}

/** 0 is best. A gateway's name counts as one of its labels. */
export function preferenceOf(prefer: readonly string[], { gateway, labels }: Candidate): number {
  const place = prefer.findIndex((label) => label === gateway || labels.includes(label));
  return place < 0 ? prefer.length : place;
}

function weightOf(network: string, gateway: string): string {
  return createHash('sha1').update(`${network}\n${gateway}`).digest('hex');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
