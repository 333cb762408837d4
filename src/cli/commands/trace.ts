import { ParleyError } from '../../errors.js';
import type { TraceReport } from '../../trace/index.js';
import type { CommandSpec } from '../command.js';
import type { Output, Style } from '../output.js';
import { withSession } from '../session.js';

const STYLES: Readonly<Record<string, Style>> = {
  said: 'green',
  waiting: 'yellow',
  unknown: 'yellow',
  digested: 'yellow',
  dead: 'red',
};

export const traceCommand: CommandSpec = {
  name: 'trace <event>',
  summary: 'tell what became of an event, network by network',
  details:
    'Asks every gateway of the backbone, the room log and the dead letters. What nobody noted is told as unknown. Ends with 4 when nobody knows the event.',
  examples: [
    ['trace 01K9YJ3Q6ZT7M2R8V4X0N5B1CD', 'where it was heard, stored, said, or why not'],
    ['trace 01K9YJ3Q6ZT7M2R8V4X0N5B1CD --json', 'with every step'],
  ],
  async run(io, [event = ''], options) {
    const { traceEvent } = await import('../../trace/index.js');
    return withSession(io, options, async ({ config, bus }) => {
      const report = await traceEvent(bus, event, [...config.rooms.keys()]);
      if (report.steps.length === 0 && report.sequence === null && report.channels.length === 0)
        throw new ParleyError('NOT_FOUND', `No gateway and no log knows an event ${event}.`, {
          fix: 'Check the id: `parley tail <room> --json` shows it; traces are kept for the latest events only.',
        });
      if (io.out.json) io.out.document(report);
      else show(io.out, report);
      return 0;
    });
  },
};

function show(out: Output, report: TraceReport): void {
  const { event, room, sequence, channels, steps, gateways } = report;
  const stored = sequence === null ? 'not found in the log' : `number ${sequence} in the log`;
  out.note(
    `${event} in ${room ?? 'an unknown room'}: ${stored}; told by ${gateways.length === 0 ? 'no gateway' : gateways.join(', ')}.`,
  );
  out.table(
    ['NETWORK', 'CHANNEL', 'OUTCOME', 'NATIVE ID', 'WHY'],
    channels.map(({ network, channel, outcome, natives, reason }) => {
      const style = STYLES[outcome];
      const told = style === undefined ? { text: outcome } : { text: outcome, style };
      return [network, channel, told, natives.join(' '), reason ?? ''];
    }),
  );
  if (steps.length === 0) return;
  out.line();
  out.table(
    ['TIME', 'GATEWAY', 'STEP', 'NETWORK', 'CHANNEL', 'DETAILS'],
    steps.map(({ at, gateway, stage, network, channel, detail }) => [
      new Date(at).toISOString().slice(11, 23),
      gateway,
      stage,
      network,
      channel,
      detail,
    ]),
  );
}
