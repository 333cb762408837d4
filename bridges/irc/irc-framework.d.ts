/** The part of irc-framework 4.14.0 that this bridge uses; the package has no types of its own. */
declare module 'irc-framework' {
  interface Transport {
    on(event: string, listener: () => void): unknown;
  }

  interface ConnectOptions {
    readonly host: string;
    readonly port: number;
    readonly nick: string;
    readonly username: string;
    readonly gecos: string;
    readonly password: string | undefined;
    /** An object without `account` keeps the server password out of SASL. */
    readonly account: { readonly account?: string; readonly password?: string };
    readonly sasl_mechanism: 'PLAIN' | 'EXTERNAL' | undefined;
    readonly version: string;
    readonly auto_reconnect: false;
    readonly ping_interval: 0;
    readonly ping_timeout: 0;
    readonly enable_chghost: boolean;
    readonly enable_setname: boolean;
    readonly enable_echomessage: boolean;
    readonly transport: new () => Transport;
  }

  interface NetworkInfo {
    /** ISUPPORT tokens as the server gave them, some of them split into lists. */
    readonly options: Readonly<Record<string, unknown>>;
    readonly cap: {
      readonly enabled: readonly string[];
      isEnabled(name: string): boolean;
    };
  }

  class Client {
    readonly network: NetworkInfo;
    requestCap(names: readonly string[]): void;
    connect(options: ConnectOptions): void;
  }

  const framework: { readonly Client: typeof Client };
  export default framework;
}
