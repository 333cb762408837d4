// Imported first, and old syntax only: see start.mjs. The number is that of `engines` in package.json.
const NEEDED = [20, 19];

const found = process.versions.node.split('.').map(Number);
if (found[0] < NEEDED[0] || (found[0] === NEEDED[0] && found[1] < NEEDED[1])) {
  console.error(
    `parley: This is Node.js ${process.versions.node}; Parley needs ${NEEDED.join('.')} or newer.`,
  );
  console.error(
    'fix: Install a current release (https://nodejs.org/en/download, or `nvm install 22`) and run it again.',
  );
  process.exit(5);
}
