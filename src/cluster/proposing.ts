/** One ballot about the next list of members, from the first question to the last answer that is needed. See pact.ts. */
import { z } from 'zod';
import { type ClusterState, checkClusterState } from '../node/index.js';
import { ballotSpec } from './kept-pact.js';
import { type Accepted, type Answer, type Ballot, Proposal } from './pact.js';

/** Without a list: for a promise; with one: to accept it. */
export interface Question {
  readonly cluster: string;
  readonly revision: number;
  readonly ballot: Ballot;
  readonly list: ClusterState | null;
}

const questionSpec = z.strictObject({
  cluster: z.string(),
  revision: z.int().positive(),
  ballot: ballotSpec,
  list: z.unknown(),
});
const answerSpec = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    accepted: z.strictObject({ ballot: ballotSpec, list: z.unknown() }).nullable(),
  }),
  z.strictObject({ ok: z.literal(false), why: z.string(), promised: ballotSpec.nullable() }),
]);

/** Throws what is no question. */
export function parseQuestion(body: unknown): Question {
  const { list, ...question } = questionSpec.parse(body);
  const where = 'a change of the members';
  return { ...question, list: list === null ? null : checkClusterState(list, where) };
}

/** Throws what is no answer. */
export function parseAnswer(body: unknown): Answer<ClusterState> {
  const answer = answerSpec.parse(body);
  if (!answer.ok || answer.accepted === null) return answer as Answer<ClusterState>;
  const { ballot, list } = answer.accepted;
  return { ok: true, accepted: { ballot, list: checkClusterState(list, 'what a member accepted') } };
}

export interface Outcome {
  /** Null: none that this ballot knows of; one may be chosen later all the same. */
  readonly chosen: ClusterState | null;
  readonly agreed: number;
  /** Of those who did not agree. */
  readonly reasons: readonly string[];
  /** The highest count that was in the way, or 0. */
  readonly outrunBy: number;
}

type Ask = (name: string, question: Question) => Promise<Answer<ClusterState>>;

/** `ask` never rejects. Resolves as soon as a majority agreed, or when all have answered. */
export async function propose(
  about: Omit<Question, 'list'>,
  own: ClusterState,
  voters: readonly string[],
  ask: Ask,
): Promise<Outcome> {
  const proposal = new Proposal(about.ballot, own, voters);
  const promises = await askAll(voters, { ...about, list: null }, ask, (name, accepted) => {
    proposal.promised(name, accepted);
    return proposal.list !== null;
  });
  if (proposal.list === null) return { chosen: null, ...promises };
  const acceptances = await askAll(voters, { ...about, list: proposal.list }, ask, (name) => {
    proposal.accepted(name);
    return proposal.isChosen;
  });
  return { chosen: proposal.isChosen ? proposal.list : null, ...acceptances };
}

/** Resolves once `agrees` says that it is enough, or when all have answered. */
function askAll(
  voters: readonly string[],
  question: Question,
  ask: Ask,
  agrees: (name: string, accepted: Accepted<ClusterState> | null) => boolean,
): Promise<Omit<Outcome, 'chosen'>> {
  const reasons: string[] = [];
  let [agreed, outrunBy] = [0, 0];
  return new Promise((resolve) => {
    const end = (): void => resolve({ agreed, reasons, outrunBy });
    const asking = voters.map(async (name) => {
      const answer = await ask(name, question);
      if (answer.ok) {
        agreed += 1;
        if (agrees(name, answer.accepted)) end();
      } else {
        reasons.push(`${name} ${answer.why}`);
        outrunBy = Math.max(outrunBy, answer.promised?.count ?? 0);
      }
    });
    void Promise.all(asking).then(end);
  });
}
