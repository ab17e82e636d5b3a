import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The day before which the demo district's incidents end, so that every run sees the same. */
export const UNTIL = '2026-11-21';
const PORT = Number(process.env.GRIDMAP_PORT ?? 18417);

export const serverUrl = process.env.GRIDMAP_URL ?? `http://127.0.0.1:${PORT}`;
/** The same district, kept in PostGIS. */
export const postgisUrl = `http://127.0.0.1:${PORT + 1}`;
const running = Boolean(process.env.GRIDMAP_URL || process.env.GRIDMAP_E2E_URL);
/** Whether some tests run on PostGIS as well: where it is installed, and no server is given. */
export const hasPostgis = !running && installed();

function installed(): boolean {
  const versions = '/usr/share/postgresql';
  if (!existsSync(versions)) return false;
  return readdirSync(versions).some((version) => existsSync(join(versions, version, 'extension/postgis.control')));
}

/** Where the pages come from: the server itself, or a Vite preview in front of it. */
export const pageUrl = process.env.GRIDMAP_E2E_URL ?? serverUrl;
export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const program = resolve(process.env.GRIDMAP_BIN ?? join(import.meta.dirname, '../../target/release/gridmap'));

/** Longest wait for a fresh demo store, ms. */
const START_MS = 90_000;

const healthy = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/healthz`)).ok;
  } catch {
    return false;
  }
};

type Stop = () => Promise<void>;

/** A process, what it said last, and how to end it. */
function run(command: string, args: string[]): { child: ChildProcess; said: () => string; stop: Stop } {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
  }
  const stop = async (): Promise<void> => {
    const gone = new Promise((done) => child.once('exit', done));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await gone;
      clearTimeout(timer);
    }
  };
  return { child, said: () => said, stop };
}

/** Starts a server and waits until it answers. */
async function serve(url: string, args: string[]): Promise<Stop> {
  const server = run(program, ['serve', ...args, '--listen', url.replace('http://', '')]);
  const end = Date.now() + START_MS;
  while (!(await healthy(url))) {
    if (server.child.exitCode !== null || Date.now() > end) {
      const why = server.child.exitCode === null ? 'did not answer in time' : `ended with ${server.child.exitCode}`;
      await server.stop();
      throw new Error(`the server ${why}:\n${server.said()}`);
    }
    await new Promise((done) => setTimeout(done, 200));
  }
  return server.stop;
}

/** The demo district in a GeoPackage. */
async function geopackage(): Promise<Stop> {
  const folder = mkdtempSync(join(tmpdir(), 'gridmap-e2e-'));
  process.env.GRIDMAP_DATA = folder;
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const stop = await serve(serverUrl, ['--demo', '--fresh', '--until', UNTIL, '--data', folder]);
    return async () => {
      await stop();
      remove();
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The same district in a private PostGIS database, which goes when its keeper's input ends. */
async function postgis(): Promise<Stop> {
  const keeper = run(join(import.meta.dirname, '../../tests/postgis.sh'), []);
  const ended = new Promise((done) => keeper.child.once('exit', done));
  const stopKeeper = async (): Promise<void> => {
    keeper.child.stdin?.end();
    await ended;
  };
  const end = Date.now() + START_MS;
  let url: string | undefined;
  while (!(url = /postgres:\S+/.exec(keeper.said())?.[0])) {
    if (keeper.child.exitCode !== null || Date.now() > end) {
      await keeper.stop();
      throw new Error(`PostGIS did not start:\n${keeper.said()}`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  try {
    const fill = run(program, ['sample', '--until', UNTIL, '--database-url', url]);
    const code = await new Promise((done) => fill.child.once('exit', done));
    if (code !== 0) throw new Error(`the demo district is not in PostGIS:\n${fill.said()}`);
    const stop = await serve(postgisUrl, ['--database-url', url]);
    return async () => {
      await stop();
      await stopKeeper();
    };
  } catch (error) {
    await stopKeeper();
    throw error;
  }
}

/** Starts real servers on fresh demo stores, unless `GRIDMAP_URL` (or `GRIDMAP_E2E_URL`) names a running one. */
export default async function start(): Promise<Stop | undefined> {
  if (running) return undefined;
  if (!existsSync(program)) throw new Error(`${program} is missing: build it with cargo build --release, or set GRIDMAP_BIN`);
  const stops: Stop[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.reverse()) await each();
  };
  try {
    stops.push(await geopackage());
    if (hasPostgis) stops.push(await postgis());
    else console.log('SKIPPED browser tests on PostGIS: needs PostgreSQL with PostGIS');
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
