import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The day before which the demo district's incidents end, so that every run sees the same. */
export const UNTIL = '2026-11-21';
const PORT = Number(process.env.GRIDMAP_PORT ?? 18417);

export const serverUrl = process.env.GRIDMAP_URL ?? `http://127.0.0.1:${PORT}`;
/** Where the pages come from: the server itself, or a Vite preview in front of it. */
export const pageUrl = process.env.GRIDMAP_E2E_URL ?? serverUrl;
export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const program = resolve(process.env.GRIDMAP_BIN ?? join(import.meta.dirname, '../../target/release/gridmap'));

/** Longest wait for a fresh demo store, ms. */
const START_MS = 90_000;

async function healthy(): Promise<boolean> {
  try {
    return (await fetch(`${serverUrl}/healthz`)).ok;
  } catch {
    return false;
  }
}

/** Starts the real server on a fresh demo store, unless `GRIDMAP_URL` (or `GRIDMAP_E2E_URL`) names a running one. */
export default async function start(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.GRIDMAP_URL || process.env.GRIDMAP_E2E_URL) return undefined;
  if (!existsSync(program)) throw new Error(`${program} is missing: build it with cargo build --release, or set GRIDMAP_BIN`);
  const folder = mkdtempSync(join(tmpdir(), 'gridmap-e2e-'));
  process.env.GRIDMAP_DATA = folder;
  const server: ChildProcess = spawn(program, ['serve', '--demo', '--fresh', '--until', UNTIL, '--data', folder, '--listen', `127.0.0.1:${PORT}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
  }
  const stop = async (): Promise<void> => {
    const gone = new Promise((done) => server.once('exit', done));
    if (server.exitCode === null) {
      server.kill('SIGTERM');
      const timer = setTimeout(() => server.kill('SIGKILL'), 5000);
      await gone;
      clearTimeout(timer);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const end = Date.now() + START_MS;
  while (!(await healthy())) {
    if (server.exitCode !== null || Date.now() > end) {
      const why = server.exitCode === null ? 'did not answer in time' : `ended with ${server.exitCode}`;
      await stop();
      throw new Error(`the server ${why}:\n${said}`);
    }
    await new Promise((done) => setTimeout(done, 200));
  }
  return stop;
}
