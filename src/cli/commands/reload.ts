import type { ReloadReport } from '../../gateway/index.js';
import type { CommandSpec } from '../command.js';
import { EXIT } from '../exit.js';
import { showReload } from '../reload-report.js';
import { withSession } from '../session.js';

const RELOAD_MS = 30_000;

export const reloadCommand: CommandSpec = {
  name: 'reload',
  summary: 'let the running gateway read its config again',
  details: 'Only what changed is touched. A config with faults changes nothing.',
  examples: [
    ['reload', 'print what changed'],
    ['reload --json', 'the changes for a script'],
  ],
  async run(io, _args, options) {
    return withSession(io, options, async ({ ask }) => {
      const report = await ask<ReloadReport>('reload', {}, RELOAD_MS);
      await showReload(io.out, report);
      return EXIT.ok;
    });
  },
};
