import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync } from 'node:zlib';
import { expect, type APIRequestContext } from '@playwright/test';
import { crc32, type MadeFile } from './files';

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** A tile of one color with a darker edge. */
export function png([r, g, b]: readonly [number, number, number], size = 256): Buffer {
  const rows = Buffer.alloc(size * (size * 3 + 1));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const edge = x === 0 || y === 0;
      rows.set(edge ? [r >> 1, g >> 1, b >> 1] : [r, g, b], y * (size * 3 + 1) + 1 + x * 3);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2], 8);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

export interface Upstream {
  url: string;
  /** Paths that were asked for. */
  asked: string[];
  /** Answers with 503 from now on, or no longer. */
  broken: boolean;
  stop(): Promise<void>;
}

/** A tile service on this machine, as one of the intranet would be. */
export async function upstream(color: readonly [number, number, number]): Promise<Upstream> {
  const picture = png(color);
  const out: Upstream = { url: '', asked: [], broken: false, stop: () => Promise.resolve() };
  const server: Server = createServer((request, response) => {
    out.asked.push(request.url ?? '');
    if (out.broken) response.writeHead(503).end();
    else response.writeHead(200, { 'Content-Type': 'image/png' }).end(picture);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  out.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/{z}/{x}/{y}.png`;
  out.stop = () => new Promise((done) => {
    server.closeAllConnections();
    server.close(() => done());
  });
  return out;
}

export async function putBackgrounds(request: APIRequestContext, value: unknown): Promise<void> {
  const { etag } = (await request.get('/api/settings/backgrounds')).headers();
  const answer = await request.put('/api/settings/backgrounds', { headers: { 'If-Match': etag ?? '' }, data: value });
  expect(answer.ok(), await answer.text()).toBe(true);
}

/** A message of protocol buffers: what the fields are is known to who calls. */
function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...out, rest];
}
const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1);
const number = (field: number, value: number): Buffer => Buffer.from([...varint(field * 8), ...varint(value)]);
const bytes = (field: number, value: Buffer | string): Buffer => {
  const body = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(body.length)]), body]);
};
const packed = (field: number, values: readonly number[]): Buffer => bytes(field, Buffer.from(values.flatMap(varint)));

function block(type: string, body: Buffer): Buffer {
  const blob = Buffer.concat([number(2, body.length), bytes(3, deflateSync(body))]);
  const head = Buffer.concat([bytes(1, type), number(3, blob.length)]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(head.length);
  return Buffer.concat([size, head, blob]);
}

export interface OsmWay {
  tags: Record<string, string>;
  /** A closed one has its first corner as its last. */
  at: readonly (readonly [number, number])[];
}

/** An extract of OpenStreetMap, made up. */
export function osmPbf(ways: readonly OsmWay[], places: readonly { tags: Record<string, string>; at: readonly [number, number] }[]): Buffer {
  const strings = [''];
  const word = (text: string): number => {
    const known = strings.indexOf(text);
    return known >= 0 ? known : strings.push(text) - 1;
  };
  const tags = (of: Record<string, string>): [number[], number[]] => [Object.keys(of).map(word), Object.values(of).map(word)];
  let next = 1;
  // Nodes are in units of a hundred billionth of a degree times the granularity, 100.
  const node = (at: readonly [number, number], of: Record<string, string> = {}): Buffer => {
    const [keys, values] = tags(of);
    return bytes(1, Buffer.concat([number(1, zigzag(next++)), packed(2, keys), packed(3, values), number(8, zigzag(Math.round(at[1] * 1e7))), number(9, zigzag(Math.round(at[0] * 1e7)))]));
  };
  const nodes: Buffer[] = places.map(({ at, tags: of }) => node(at, of));
  const lines: Buffer[] = [];
  for (const [i, way] of ways.entries()) {
    const first = way.at[0];
    const last = way.at[way.at.length - 1];
    const closed = way.at.length > 3 && first?.[0] === last?.[0] && first?.[1] === last?.[1];
    const start = next;
    const ids = way.at.map((at, k) => {
      if (closed && k === way.at.length - 1) return start;
      nodes.push(node(at));
      return next - 1;
    });
    const [keys, values] = tags(way.tags);
    lines.push(bytes(3, Buffer.concat([number(1, i + 1), packed(2, keys), packed(3, values), packed(8, ids.map((id, k) => zigzag(id - (ids[k - 1] ?? 0))))])));
  }
  const group = (parts: Buffer[]): Buffer => bytes(2, Buffer.concat(parts));
  const groups = [group(nodes), group(lines)];
  const data = Buffer.concat([bytes(1, Buffer.concat(strings.map((text) => bytes(1, text)))), ...groups]);
  const header = Buffer.concat([bytes(4, 'OsmSchema-V0.6'), bytes(16, 'tests')]);
  return Buffer.concat([block('OSMHeader', header), block('OSMData', data)]);
}

/** A quarter around a place: two roads, a building, a pond, a park, the name of a suburb. */
export function quarter([lon, lat]: readonly [number, number]): MadeFile {
  const square = (x: number, y: number, d: number): [number, number][] => [[x - d, y - d], [x + d, y - d], [x + d, y + d], [x - d, y + d], [x - d, y - d]].map(([a, b]) => [lon + (a as number), lat + (b as number)]);
  const ways: OsmWay[] = [
    { tags: { highway: 'primary', name: '试路' }, at: [[lon - 0.01, lat], [lon, lat + 0.0004], [lon + 0.01, lat]] },
    { tags: { highway: 'residential', name: '试巷' }, at: [[lon, lat - 0.008], [lon, lat + 0.008]] },
    { tags: { building: 'yes' }, at: square(0.0012, 0.0012, 0.0003) },
    { tags: { natural: 'water', name: '试塘' }, at: square(-0.0016, -0.0014, 0.0007) },
    { tags: { leisure: 'park', name: '试园' }, at: square(0.0016, -0.0016, 0.0008) },
  ];
  const buffer = osmPbf(ways, [{ tags: { place: 'suburb', name: '试区' }, at: [lon - 0.001, lat + 0.0015] }]);
  return { name: 'quarter.osm.pbf', mimeType: 'application/octet-stream', buffer };
}

/** A vector tile: layers of areas given in units of 4096 to a tile. */
export function mvt(layers: Record<string, { kind: string; ring: readonly (readonly [number, number])[] }[]>): Buffer {
  return Buffer.concat(
    Object.entries(layers).map(([name, areas]) => {
      const kinds = [...new Set(areas.map((area) => area.kind))];
      const features = areas.map(({ kind, ring }, i) => {
        const steps = ring.map(([x, y], k) => [zigzag(x - (ring[k - 1]?.[0] ?? 0)), zigzag(y - (ring[k - 1]?.[1] ?? 0))]);
        // Move to the first corner, lines to the others, close.
        const geometry = [(1 << 3) | 1, ...(steps[0] as number[]), ((ring.length - 1) << 3) | 2, ...steps.slice(1).flat(), (1 << 3) | 7];
        return bytes(2, Buffer.concat([number(1, i + 1), packed(2, [0, kinds.indexOf(kind)]), number(3, 3), packed(4, geometry)]));
      });
      return bytes(3, Buffer.concat([bytes(1, name), ...features, bytes(3, 'kind'), ...kinds.map((kind) => bytes(4, bytes(1, kind))), number(5, 4096), number(15, 2)]));
    }),
  );
}

/** Number of a tile along the curve that orders the tiles of a PMTiles file. */
export function tileId(z: number, x: number, y: number): number {
  let id = 0;
  for (let k = 0; k < z; k++) id += 4 ** k;
  let [a, b] = [x, y];
  for (let s = 2 ** (z - 1); s >= 1; s /= 2) {
    const rx = (a & s) > 0 ? 1 : 0;
    const ry = (b & s) > 0 ? 1 : 0;
    id += s * s * ((3 * rx) ^ ry);
    if (ry === 0) {
      if (rx === 1) {
        a = 2 ** z - 1 - a;
        b = 2 ** z - 1 - b;
      }
      [a, b] = [b, a];
    }
  }
  return id;
}

/** A PMTiles file (version 3) of one tile, nothing compressed. */
export function pmtiles(tile: { z: number; x: number; y: number }, body: Buffer, metadata: Record<string, unknown>): Buffer {
  const directory = Buffer.from([...varint(1), ...varint(tileId(tile.z, tile.x, tile.y)), ...varint(1), ...varint(body.length), ...varint(1)]);
  const about = Buffer.from(JSON.stringify(metadata));
  const head = Buffer.alloc(127);
  head.write('PMTiles', 0, 'latin1');
  head[7] = 3;
  const u64 = (at: number, value: number): void => void head.writeBigUInt64LE(BigInt(value), at);
  u64(8, 127);
  u64(16, directory.length);
  u64(24, 127 + directory.length);
  u64(32, about.length);
  u64(40, 127 + directory.length + about.length);
  u64(56, 127 + directory.length + about.length);
  u64(64, body.length);
  for (const at of [72, 80, 88]) u64(at, 1);
  head.set([1, 1, 1, 1, tile.z, tile.z], 96);
  const degrees = (at: number, value: number): void => void head.writeInt32LE(Math.round(value * 1e7), at);
  degrees(102, 115);
  degrees(106, 30);
  degrees(110, 119);
  degrees(114, 33);
  head[118] = tile.z;
  degrees(119, 117);
  degrees(123, 31.5);
  return Buffer.concat([head, directory, about, body]);
}
