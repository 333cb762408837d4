/** Puts the permissions together: two buckets, what is known of them in memory, and the commands that change them. */
import { join } from 'node:path';
import type { Bus } from '../../src/bus/index.js';
import { timeOfDay } from '../../src/clock.js';
import type { Logger } from '../../src/log.js';
import { type Access, type Audit, type Command, CommandError } from '../command.js';
import { Authority } from './authority.js';
import { claimCommand } from './commands/claim.js';
import { grantCommand } from './commands/grant.js';
import { linkCommand } from './commands/link.js';
import { revokeCommand } from './commands/revoke.js';
import { rolesCommand } from './commands/roles.js';
import { unlinkCommand } from './commands/unlink.js';
import { whoamiCommand } from './commands/whoami.js';
import { FirstOwner, type FirstOwnerCode, OFFER_KEY } from './first-owner.js';
import { readGrant } from './grant.js';
import { isMembership } from './link-records.js';
import { Linking } from './linking.js';
import { CommandBucket } from './on-backbone.js';
import { Record } from './record.js';
import { Rules, type RulesConfig } from './rules.js';
import { accountNamed } from './subject.js';
import { Table } from './table.js';

export interface AccessOptions {
  readonly bus: Bus;
  readonly config: RulesConfig;
  readonly log: Logger;
  readonly audit: Audit;
  /** Shows the code by which the first owner is made where only those who run the gateway read: `claim {code}`. */
  readonly firstOwner: (code: FirstOwnerCode) => void;
  /** Permissions that commands of other programs ask for, beside those that roles have. Default: none. */
  readonly permissions?: () => readonly string[];
  /** Directory for copies of grants and links, for a start without the backbone. Absent: none are kept. */
  readonly copies?: string;
  /** ms since 1970 */
  readonly now?: () => number;
}

export interface OpenAccess extends Access {
  /** grant, revoke, roles, whoami, claim, link, unlink. */
  readonly commands: readonly Command[];
  /** The config was reloaded. */
  reload(config: RulesConfig): void;
  stop(): Promise<void>;
}

/**
 * Resolves once all grants are known, or at once while the backbone is away: then the owners of the config file and what
 * the copies on the disk have is all there is, and the rest follows when it is back. Never throws.
 */
export async function openAccess(options: AccessOptions): Promise<OpenAccess> {
  const { bus, audit, firstOwner: show, permissions = () => [], now = timeOfDay } = options;
  const log = options.log.child({ part: 'access' });
  let config = options.config;
  const table = new Table();
  const rules = new Rules(table, () => config, now);
  const authority = new Authority(table, rules);
  const record = new Record(audit, log);
  const grants = new CommandBucket({
    bus,
    name: 'GRANTS',
    heard: (key, value) => heardGrant(key, value),
    log,
    ...copyIn(options.copies, 'grants.json', (key) => key !== OFFER_KEY),
  });
  const links = new CommandBucket({
    bus,
    name: 'LINKS',
    heard: (key, value) => linking.heard(key, value),
    log,
    ...copyIn(options.copies, 'links.json', isMembership),
  });
  const linking = new Linking({ bus, links, table, record, now });
  const firstOwner = new FirstOwner({ bus, grants, table, record, show, now, log });
  const networks = () => config.networks;
  const heardGrant = (key: string, value: unknown) => {
    if (key === OFFER_KEY) firstOwner.heard(value);
    else table.setGrant(key, readGrant(key, value));
  };

  table.configure(ownersOf(config, log));
  await Promise.all([grants.load(), links.load()]);
  const known = (await Promise.all([grants.tryOpen(), links.tryOpen()])).every((isOpen) => isOpen);
  let stopped = false;
  const offer = async () => {
    if (!stopped && grants.isOpen && links.isOpen) await firstOwner.offer();
  };
  if (known) await offer();
  else void Promise.all([grants.open(), links.open()]).then(offer);

  const parts = { grants, table, authority, record, config: () => config, permissions, now, log };
  return {
    refusal: (caller, permission, scope) => rules.refusal(caller, permission, scope),
    identityOf: (author) => rules.identityOf(author),
    roleOf: (author) => rules.roleOf(author),
    mayAnywhere: (caller, permission) => rules.mayAnywhere(caller, permission),
    commands: [
      grantCommand(parts),
      revokeCommand(parts),
      rolesCommand({ table, rules, config: () => config }),
      whoamiCommand({ table, config: () => config, now }),
      claimCommand(firstOwner),
      linkCommand({ linking, networks }),
      unlinkCommand(linking, networks),
    ],
    reload: (next) => {
      config = next;
      table.configure(ownersOf(config, log));
      void offer();
    },
    stop: async () => {
      stopped = true;
      await Promise.all([grants.stop(), links.stop()]);
    },
  };
}

function copyIn(directory: string | undefined, file: string, keeps: (key: string) => boolean) {
  return directory === undefined ? {} : { copy: { path: join(directory, file), keeps } };
}

/** Author ids. One that names no network is told and left out: nobody can be it. */
function ownersOf({ access, networks }: RulesConfig, log: Logger): readonly string[] {
  return access.owners.flatMap((owner) => {
    try {
      return [accountNamed(owner, networks)];
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      log.warn('an owner of the config file is nobody', { owner, reason: error.message });
      return [];
    }
  });
}
