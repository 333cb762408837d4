/** What operators ordered for networks beside their config. */
export interface Standing {
  /** Nothing that is heard there is relayed now. */
  isMuted(network: string, channel: string): boolean;
  /** For the status. */
  on(network: string): {
    readonly muted: Readonly<Record<string, string | null>>;
    readonly byCommand: readonly string[];
  };
}

/** Nothing was ordered. */
export const NOTHING_STANDING: Standing = {
  isMuted: () => false,
  on: () => ({ muted: {}, byCommand: [] }),
};
