import type { Answer, Call } from '../../call.js';
import { type Command, CommandError } from '../../command.js';
import type { Grant } from '../grant.js';
import { refuseOtherFlags } from '../options.js';
import { isRole } from '../roles.js';
import { accountNamed, hostmaskNamed, isHostmask, shown, shownText } from '../subject.js';
import { givenBy } from '../wording.js';
import { type GrantingParts, scopeOf } from './grant.js';
import { infoOf } from './info.js';

export function revokeCommand(parts: GrantingParts): Command {
  return {
    info: infoOf({
      name: 'revoke',
      usage: '<account@network> <role|permission> | <grant id>',
      help: 'Takes back what was granted; "roles <account@network>" lists it.',
      examples: ['revoke zappater@quakenet moderator', 'revoke 01JDA0000000000000000000AB'],
      permission: 'revoke',
    }),
    run: (call) => run(parts, call),
  };
}

/** All or nothing: what may not be taken is said before anything was. */
async function run(parts: GrantingParts, call: Call): Promise<Answer> {
  refuseOtherFlags(call, []);
  const { caller } = call;
  const taken = grantsNamed(parts, call.args);
  for (const grant of taken) {
    await parts.record.refusing(caller, deedOf(grant), () => parts.authority.checkTaking(caller, grant));
  }
  for (const grant of taken) {
    // Each anew: one of them may have made the next one the last owner.
    await parts.record.refusing(caller, deedOf(grant), () => parts.authority.checkTaking(caller, grant));
    await parts.record.did(caller, deedOf(grant), () => parts.grants.delete(grant.id));
    parts.log.info('revoked', {
      grant: grant.id,
      subject: grant.subject,
      gives: grant.gives,
      by: caller.author,
    });
  }
  return { lines: taken.map((grant) => `Taken from ${shown(grant.subject)}: ${givenBy(grant)}.`) };
}

function deedOf(grant: Grant) {
  return { action: 'revoke', target: grant.subject, scope: scopeOf(grant.scope), detail: { ...grant } };
}

function grantsNamed({ table, config }: GrantingParts, args: readonly string[]): readonly Grant[] {
  const [who, word, more] = args;
  if (who === undefined || more !== undefined) throw new CommandError(USAGE);
  const byId = table.grant(who.toUpperCase());
  if (byId !== null && word === undefined) return [byId];
  if (word === undefined) {
    throw new CommandError(
      `There is no grant ${shownText(who)}. Look for its id with "roles <account@network>".`,
    );
  }
  const subject = subjectNamed(who, config().networks);
  const found = table.grantsTo(subject).filter(({ gives }) => gives === word);
  if (found.length > 0) return found;
  const what = isRole(word) ? word : `"${shownText(word)}"`;
  throw new CommandError(
    `${shown(subject)} was not given ${what}. See with "roles ${shown(subject)}" what they have, their other accounts’ too.`,
  );
}

const USAGE = 'Say from whom and what: "revoke zappater@quakenet moderator", or the id of one grant.';

function subjectNamed(who: string, networks: Parameters<typeof accountNamed>[1]): string {
  if (who.startsWith('identity:') || isHostmask(who)) return who;
  return who.includes('!') ? hostmaskNamed(who, networks) : accountNamed(who, networks);
}
