import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

const OUT = join(import.meta.dirname, '../dist/page');
/** Smaller ones fit one packet as they are. */
const LEAST_BYTES = 1024;

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2022',
    reportCompressedSize: false,
  },
  plugins: [{ name: 'compressed', closeBundle: compress }],
});

/** The server sends what it reads: nothing is compressed while somebody waits. */
function compress() {
  const names = readdirSync(OUT, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((each) => /\.(html|js|css|svg)$/.test(each))) {
    const plain = readFileSync(join(OUT, name));
    if (plain.length < LEAST_BYTES) continue;
    writeFileSync(join(OUT, `${name}.br`), brotliCompressSync(plain));
    // Browsers take Brotli only by TLS or from this machine.
    writeFileSync(join(OUT, `${name}.gz`), gzipSync(plain, { level: 9 }));
  }
}
