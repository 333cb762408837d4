/** Mentions that ring many people, or a person by id, made harmless: relaying a line must not relay its bell. */

const BROKEN = '\u200b';
const EVERYBODY = /@(?=(?:everyone|here|channel|all|room|group)\b)/gi;
/** Discord `<@1>`, `<@!1>`, `<@&1>`; Slack `<@U1>`, `<!channel>`, `<!subteam^S1>`. */
const BY_ID = /<([@!])(?=[!&]?[A-Za-z0-9])/g;

/** Puts a zero-width space behind the `@` or `!` of every such mention. Idempotent. */
export function silenceMentions(text: string): string {
  const everybody = text.includes('@') ? text.replace(EVERYBODY, `@${BROKEN}`) : text;
  return everybody.includes('<') ? everybody.replace(BY_ID, `<$1${BROKEN}`) : everybody;
}
