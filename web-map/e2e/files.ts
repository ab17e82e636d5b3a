import type { APIRequestContext } from '@playwright/test';
import { fromWgs84, type LonLat } from '../src/coords';
import { get } from './page';

/** A file for the chooser, made here. */
export interface MadeFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const CRC = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

export function crc32(bytes: Buffer): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = (CRC[(c ^ byte) & 255] as number) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** A zip without compression. */
export function zip(entries: readonly { name: string; body: Buffer }[]): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, body } of entries) {
    const title = Buffer.from(name, 'utf8');
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(0x0800, 2);
    head.writeUInt16LE(0x21, 8);
    head.writeUInt32LE(crc32(body), 10);
    head.writeUInt32LE(body.length, 14);
    head.writeUInt32LE(body.length, 18);
    head.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), head, title, body]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), head, tail, title]));
    parts.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}

const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** A workbook of one sheet; texts are texts, numbers numbers, null an empty cell. */
export function xlsx(sheet: string, rows: readonly (readonly (string | number | null)[])[]): Buffer {
  const letter = (i: number): string => String.fromCharCode(65 + i);
  const cell = (value: string | number | null, r: number, c: number): string => {
    if (value === null) return '';
    const at = `${letter(c)}${r + 1}`;
    return typeof value === 'number' ? `<c r="${at}"><v>${value}</v></c>` : `<c r="${at}" t="inlineStr"><is><t>${escape(value)}</t></is></c>`;
  };
  const body = rows.map((row, r) => `<row r="${r + 1}">${row.map((value, c) => cell(value, r, c)).join('')}</row>`).join('');
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const pack = 'http://schemas.openxmlformats.org/package/2006';
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
  const files: Record<string, string> = {
    '[Content_Types].xml': `<Types xmlns="${pack}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${pack}/relationships"><Relationship Id="rId1" Type="${rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${rel}"><sheets><sheet name="${escape(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${pack}/relationships"><Relationship Id="rId1" Type="${rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}"><sheetData>${body}</sheetData></worksheet>`,
  };
  return zip(Object.entries(files).map(([name, text]) => ({ name, body: Buffer.from(head + text, 'utf8') })));
}

export interface Place {
  id: number;
  name: string;
  at: LonLat;
}

/** Compounds of the district with a point inside each. */
export async function compounds(request: APIRequestContext): Promise<Place[]> {
  const { features } = await get<{ features: { id: number; properties: { name: string }; geometry: GeoJSON.Polygon | GeoJSON.MultiPolygon | GeoJSON.Point }[] }>(request, '/collections/compounds/items?f=json&limit=200');
  return features.map((feature) => {
    const { geometry } = feature;
    const ring = geometry.type === 'Point' ? [geometry.coordinates] : geometry.type === 'Polygon' ? geometry.coordinates[0] : geometry.coordinates[0]?.[0];
    const corners = ring ?? [];
    const mean = (axis: 0 | 1): number => corners.reduce((sum, corner) => sum + (corner[axis] ?? 0), 0) / corners.length;
    return { id: feature.id, name: feature.properties.name, at: [mean(0), mean(1)] };
  });
}

/** What must never be seen, nor stored. */
export const PERSONAL = { name: '某样例', phone: '13912345678', inText: '13987654321' };

export const LEDGER_ROWS = 30;
/** Rows without coordinates, which name a compound instead. */
export const LEDGER_BARE = 4;

/** A month's ledger in GCJ-02, with two columns about persons, a number inside a text, and rows without coordinates. */
export async function ledger(request: APIRequestContext): Promise<MadeFile> {
  const places = await compounds(request);
  const head = ['接警编号', '报警时间', '警情类别', '事发地点', '报警人', '联系电话', '经度', '纬度', '种类'];
  const rows = Array.from({ length: LEDGER_ROWS }, (_, i) => {
    const place = places[i % places.length] as Place;
    // A few metres apart, so that no two are at one point.
    const at = fromWgs84([place.at[0] + (i % 5) * 0.00004, place.at[1] + (i % 3) * 0.00004], 'gcj02');
    const bare = i >= LEDGER_ROWS - LEDGER_BARE;
    return [
      `E2E${String(202611000 + i)}`,
      `2026-11-${String(1 + (i % 20)).padStart(2, '0')} ${String(i % 24).padStart(2, '0')}:15`,
      '盗窃',
      i === 0 ? `${place.name} 电话${PERSONAL.inText}` : place.name,
      PERSONAL.name,
      PERSONAL.phone,
      bare ? null : Number(at[0].toFixed(7)),
      bare ? null : Number(at[1].toFixed(7)),
      '警情',
    ];
  });
  return { name: '11月警情台账.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: xlsx('台账', [head, ...rows]) };
}
