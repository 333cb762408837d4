import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import test from 'ava';
import { connect, type ServiceMsg } from 'nats';
import { seen, startTwoNetworks, type TwoNetworks } from '../gateway/stage.js';
import type { TestContext } from '../peers/index.js';

const SERVICES = 'services: { dice: [roll], trial: [evil, ping, plain] }';

function started(t: TestContext): Promise<TwoNetworks> {
  return startTwoNetworks(t, '', '', SERVICES);
}

function fileOf({ config }: TwoNetworks, service: string): string {
  return join(dirname(config), 'data', 'services', `${service}.json`);
}

async function rolling(t: TestContext, stage: TwoNetworks): Promise<void> {
  const script = resolve(import.meta.dirname, '../../../docs/examples/command.pl');
  const perl = spawn('perl', [script, fileOf(stage, 'dice')], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => void perl.kill('SIGKILL'));
  await once(perl.stdout, 'data');
}

test('services - a command in Perl over a bare socket is found when it is called, and helps', async (t) => {
  const stage = await started(t);
  const { alice, bob } = stage;
  await rolling(t, stage);
  alice.say('#a', '!roll 20');
  t.regex(seen((await bob.waitFor(/rolls/)).text), /^alice rolls ([1-9]|1\d|20)$/);
  await alice.waitFor(/rolls/);
  alice.say('#a', '!help roll');
  t.is(seen((await alice.waitFor(/Rolls a die/)).text), 'roll [sides]: Rolls a die. Once in 2 s.');
});

async function offering(
  t: TestContext,
  stage: TwoNetworks,
  name: string,
  handler: (message: ServiceMsg) => void,
) {
  const { servers, user, password } = JSON.parse(await readFile(fileOf(stage, 'trial'), 'utf8'));
  const nats = await connect({ servers, user, pass: password });
  t.teardown(() => nats.close());
  const service = await nats.services.add({ name: 'trial', version: '1.0.0' });
  service.addEndpoint(name, {
    subject: `parley.command.${name}`,
    handler: (error, message) => {
      if (error === null) handler(message);
    },
  });
  await nats.flush();
}

test('services - what a service says cannot become a line of its own', async (t) => {
  const stage = await started(t);
  await offering(t, stage, 'evil', (message) => {
    message.respond(JSON.stringify({ lines: ['one\r\nQUIT :gone\0', 'two'] }));
  });
  stage.alice.say('#a', '!evil');
  t.is(seen((await stage.bob.waitFor(/one/)).text), 'one QUIT :gone');
  await stage.bob.waitFor(/two/);
});

test('services - no service takes the place of a command of ours', async (t) => {
  const stage = await started(t);
  await offering(t, stage, 'ping', (message) => message.respond('"mine"'));
  stage.alice.say('#a', '!ping');
  t.regex(seen((await stage.alice.waitFor(/pong|mine/)).text), /^pong/);
});

test('services - a plain text is an answer, too', async (t) => {
  const stage = await started(t);
  await offering(t, stage, 'plain', (message) => message.respond('just text'));
  stage.alice.say('#a', '!plain');
  t.is(seen((await stage.alice.waitFor(/just/)).text), 'just text');
});
