/** 底图: services whose pictures lie below the map, with templates for the usual ones and a tile to look at. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useApp } from '../app/context';
import type { Background } from '../api/types';
import { lang } from '../i18n';
import { fileSize } from '../ui/bytes';
import { ontoMap } from '../map/plane';
import { PRESETS, presetItem } from './presets';
import { tileAt } from './preview';
import type { Doc } from './doc';
import { Rows, type Column, type Item } from './rows';
import { w, type Word } from './words';

const FILE = /^pmtiles:/;

const COLUMNS: readonly Column[] = [
  { name: 'name', title: 'backgrounds.name', kind: 'text' },
  { name: 'datum', title: 'backgrounds.datum', kind: 'choice', choices: ['wgs84', 'cgcs2000', 'gcj02'], words: 'datum', hint: 'backgrounds.datumHint' },
  { name: 'url', title: 'backgrounds.url', kind: 'long', hint: 'backgrounds.urlHint' },
  { name: 'labels_url', title: 'backgrounds.labels', kind: 'long', hint: 'backgrounds.labelsHint', optional: true },
  { name: 'subdomains', title: 'backgrounds.subdomains', kind: 'list', hint: 'backgrounds.subdomainsHint', optional: true },
  { name: 'minzoom', title: 'backgrounds.minzoom', kind: 'integer' },
  { name: 'maxzoom', title: 'backgrounds.maxzoom', kind: 'integer' },
  { name: 'tile_size', title: 'backgrounds.tileSize', kind: 'choice', choices: [256, 512] },
  { name: 'scheme', title: 'backgrounds.scheme', kind: 'choice', choices: ['xyz', 'tms'], words: 'scheme' },
  { name: 'attribution', title: 'backgrounds.attribution', kind: 'text', optional: true },
  { name: 'approval', title: 'backgrounds.approval', kind: 'text', hint: 'backgrounds.approvalHint', optional: true },
];
const KEY: Column = { name: 'key_ref', title: 'backgrounds.key', kind: 'text', hint: 'backgrounds.keyHint', optional: true };
const HAS_KEY: Column = { name: 'has_key', title: 'backgrounds.hasKey', kind: 'bool' };
/** What a file says itself need not be told. */
const FILE_COLUMNS = COLUMNS.filter(({ name }) => ['name', 'datum', 'url', 'attribution', 'approval'].includes(name));

function columnsOf(item: Item): readonly Column[] {
  if (FILE.test(String(item.url ?? ''))) return FILE_COLUMNS;
  return item.has_key === undefined || item.has_key === false ? [...COLUMNS, KEY] : [...COLUMNS, KEY, HAS_KEY];
}

export function BackgroundsForm({ doc }: { doc: Doc<Item[]> }): JSX.Element {
  const items = doc.value.value ?? [];
  const add = (item: Item): void => doc.set([...items, item]);
  return (
    <>
      <div class="set-presets" role="group" aria-label={w('backgrounds.presets')}>
        <span class="set-label">{w('backgrounds.presets')}</span>
        {PRESETS.map((preset) => (
          <button key={preset.id} type="button" class="btn btn-outline btn-small" onClick={() => add(presetItem(preset, items.map((item) => String(item.name))))}>
            {w(`preset.${preset.id}` as Word)}
          </button>
        ))}
      </div>
      <Rows
        items={items}
        columns={columnsOf}
        wrongs={doc.wrongs.value}
        name={(item, index) => String(item.name || w('backgrounds.nth', { n: index + 1 }))}
        fresh={() => ({ name: '', url: '', minzoom: 3, maxzoom: 18, tile_size: 256, scheme: 'xyz', datum: 'wgs84' })}
        add="backgrounds.add"
        onItems={(next) => doc.set(next)}
        after={(item) => <Look key={String(item.name)} name={String(item.name ?? '')} ready={!doc.dirty.value && !doc.saving.value} />}
      />
    </>
  );
}

interface Seen {
  /** Addresses of the pictures, one over the other. */
  pictures: string[];
  words: string | null;
}

/** One tile of the place in view, or the sentence about why there is none. */
function Look({ name, ready }: { name: string; ready: boolean }): JSX.Element {
  const app = useApp();
  const seen = useSignal<Seen | null>(null);
  const busy = useSignal(false);
  const look = async (): Promise<void> => {
    if (!ready || busy.peek()) return;
    busy.value = true;
    seen.value = null;
    try {
      await app.grounds.load();
      const background = app.grounds.list.peek()?.find((b) => b.name === name && b.kind !== 'osm');
      seen.value = background ? await fetchTile(background, placeOf(app)) : { pictures: [], words: w('look.gone') };
    } finally {
      busy.value = false;
    }
  };
  const said = seen.value;
  return (
    <div class="set-look">
      <button type="button" class="btn btn-small btn-outline" aria-disabled={!ready || busy.value} aria-label={w('look.this', { name })} onClick={() => void look()}>{w('look.go')}</button>
      <span class="muted small" role="status">{!ready ? w('look.save') : (said?.words ?? '')}</span>
      {said && said.pictures.length > 0 ? (
        <span class="set-tile">
          {said.pictures.map((src) => <img key={src} src={src} alt={w('look.alt', { name })} width="192" height="192" />)}
        </span>
      ) : null}
    </div>
  );
}

/** The middle of the map as it was last seen, else of the district. */
function placeOf(app: ReturnType<typeof useApp>): { lon: number; lat: number; zoom: number } {
  const camera = app.store.state.peek().camera;
  if (camera) return camera;
  const bounds = app.session.meta.peek()?.bounds;
  return bounds ? { lon: (bounds[0] + bounds[2]) / 2, lat: (bounds[1] + bounds[3]) / 2, zoom: 14 } : { lon: 105, lat: 35, zoom: 4 };
}

async function fetchTile(background: Background, at: { lon: number; lat: number; zoom: number }): Promise<Seen> {
  if (background.problem) return { pictures: [], words: background.problem[lang.peek() === 'en' ? 'en' : 'zh'] };
  const tile = tileAt(ontoMap([at.lon, at.lat], background.datum), at.zoom, background);
  const address = (template: string): string => template.replace('{z}', String(tile.z)).replace('{x}', String(tile.x)).replace('{y}', String(tile.y));
  const url = address(background.tiles);
  try {
    const answer = await fetch(url, { headers: { 'Accept-Language': lang.peek() === 'en' ? 'en' : 'zh-CN' } });
    if (answer.status === 204) return { pictures: [], words: w('look.empty', { z: tile.z }) };
    if (!answer.ok) {
      const problem = (await answer.json().catch(() => null)) as { detail?: string; title?: string } | null;
      return { pictures: [], words: problem?.detail ?? problem?.title ?? `HTTP ${answer.status}` };
    }
    const body = await answer.blob();
    if (background.schema !== 'raster') return { pictures: [], words: w('look.vector', { z: tile.z, size: fileSize(body.size) }) };
    return { pictures: [url, ...(background.labels ? [address(background.labels)] : [])], words: w('look.tile', { z: tile.z, x: tile.x, y: tile.y }) };
  } catch {
    return { pictures: [], words: w('offline') };
  }
}
