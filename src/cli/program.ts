import { Command } from 'commander';
import { addCommand, type CommandHost } from './command.js';
import { backupCommand } from './commands/backup.js';
import { checkCommand } from './commands/check.js';
import { completionCommand } from './commands/completion.js';
import {
  configDiffCommand,
  configHistoryCommand,
  configListCommand,
  configShowCommand,
} from './commands/config-read.js';
import { configKeyCommand, configPutCommand, configRollbackCommand } from './commands/config-write.js';
import { deadDropCommand } from './commands/dead-drop.js';
import { deadListCommand } from './commands/dead-list.js';
import { deadReplayCommand } from './commands/dead-replay.js';
import { drainCommand, undrainCommand } from './commands/drain.js';
import { initCommand } from './commands/init.js';
import { nodeCaCommand } from './commands/node-ca.js';
import { nodeCertCommand } from './commands/node-cert.js';
import { nodeDrainCommand, nodeLeaveCommand, nodeRemoveCommand } from './commands/node-depart.js';
import { nodeInviteCommand, nodeReplaceCommand } from './commands/node-invite.js';
import { nodeJoinCommand } from './commands/node-join.js';
import { nodeListCommand } from './commands/node-list.js';
import { ownersListCommand } from './commands/owners-list.js';
import { ownersMoveCommand } from './commands/owners-move.js';
import { reloadCommand } from './commands/reload.js';
import { restoreCommand } from './commands/restore.js';
import { roomsCommand } from './commands/rooms.js';
import { sayCommand } from './commands/say.js';
import { startCommand } from './commands/start.js';
import { statusCommand } from './commands/status.js';
import { tailCommand } from './commands/tail.js';
import { tokenCreateCommand } from './commands/token-create.js';
import { tokenListCommand } from './commands/token-list.js';
import { tokenRevokeCommand } from './commands/token-revoke.js';
import { traceCommand } from './commands/trace.js';

const AFTER_HELP = `
Examples:
  parley init && parley start   # a config of your own, then run it
  parley status                 # what the running gateway does
  parley say lobby hello        # speak in a room

Exit codes: 0 done, 1 failed, 2 wrong usage or config, 3 gateway not running, 4 not found,
5 this machine is not ready (port, program, disk), 6 backbone out of reach, 70 fault in Parley.
NO_COLOR switches colour off. Every command has its own --help.`;

/** The whole `parley` program; throws CommanderError instead of exiting. */
export function createProgram(host: CommandHost): Command {
  const program = baseProgram(host);
  addCommand(program, host, startCommand);
  addCommand(program, host, checkCommand);
  addCommand(program, host, reloadCommand);
  addCommand(program, host, statusCommand);
  addCommand(program, host, roomsCommand);
  addCommand(program, host, tailCommand);
  addCommand(program, host, sayCommand);
  addCommand(program, host, traceCommand);
  const dead = program.command('dead').description('messages that a network would not take');
  addCommand(dead, host, deadListCommand);
  addCommand(dead, host, deadReplayCommand);
  addCommand(dead, host, deadDropCommand);
  const config = program
    .command('config')
    .description('channels and bans that gateways and bots take from here');
  addCommand(config, host, configListCommand);
  addCommand(config, host, configShowCommand);
  addCommand(config, host, configHistoryCommand);
  addCommand(config, host, configDiffCommand);
  addCommand(config, host, configPutCommand);
  addCommand(config, host, configRollbackCommand);
  addCommand(config, host, configKeyCommand);
  const owners = program.command('owners').description('which gateway owns which network');
  addCommand(owners, host, ownersListCommand);
  addCommand(owners, host, ownersMoveCommand);
  addCommand(program, host, drainCommand);
  addCommand(program, host, undrainCommand);
  const token = program.command('token').description('tokens for the HTTP API');
  addCommand(token, host, tokenCreateCommand);
  addCommand(token, host, tokenListCommand);
  addCommand(token, host, tokenRevokeCommand);
  const node = program.command('node').description('the nats-server of this machine, and its cluster');
  addCommand(node, host, nodeInviteCommand);
  addCommand(node, host, nodeJoinCommand);
  addCommand(node, host, nodeListCommand);
  addCommand(node, host, nodeDrainCommand);
  addCommand(node, host, nodeLeaveCommand);
  addCommand(node, host, nodeRemoveCommand);
  addCommand(node, host, nodeReplaceCommand);
  addCommand(node, host, nodeCaCommand);
  addCommand(node, host, nodeCertCommand);
  addCommand(program, host, backupCommand);
  addCommand(program, host, restoreCommand);
  addCommand(program, host, initCommand);
  addCommand(program, host, completionCommand(program));
  return program;
}

function baseProgram({ context }: CommandHost): Command {
  return new Command('parley')
    .description('Joins the places where a community talks into shared rooms.')
    .version(context.version, '-V, --version', 'show the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      // A bare `parley` shows its help on stderr; error lines are printed by run.ts, with their fix.
      writeErr: (text) => context.stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => context.stdout.columns,
      getErrHelpWidth: () => context.stderr.columns,
    })
    .addHelpText('after', AFTER_HELP);
}
