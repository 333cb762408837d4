/** The IRC bridge. */
import type { Bridge } from '../../src/bridge.js';
import {
  checkChannel,
  type IrcChannelOptions,
  type IrcConfig,
  ircChannelOptions,
  ircConfig,
} from './config.js';
import { open } from './open.js';

const irc: Bridge<IrcConfig, IrcChannelOptions> = {
  kind: 'irc',
  capabilities: {
    // 512 less CR LF, command, target and an address of usual length; `roomFor` knows better once connected.
    maxBytes: 400,
    markup: 'irc',
    multiline: false,
    edits: false,
    replies: false,
    echoes: true,
    privately: true,
    inFlight: 256,
    // What the strictest large networks bear: 2 s per command, 10 s ahead (ircu), less one PING in `confirmGap`.
    // Raise it on a server of your own.
    flood: { burst: 4, perSecond: 0.4 },
  },
  config: ircConfig,
  channelOptions: ircChannelOptions,
  checkChannel,
  open,
};

export default irc;
