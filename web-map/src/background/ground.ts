/** What draws a background; one chunk, fetched when one is chosen. */
import './background.css';
import type { LayerSpecification as Layer, SourceSpecification } from 'maplibre-gl';
import type { Background } from '../api/types';
import type { Ground, GroundLayers, StyleInput } from '../map/style';
import { paletteOf } from './palette';
import { SCHEMAS } from './schemas';
import { plainLayers, SOURCE, vectorLayers, type Look } from './vector';

const LABELS = 'ground-labels';

export interface Wanted {
  /** How clearly it shows, 0 to 1. */
  strength: number;
  /** The store has streets of its own. */
  own: boolean;
  lang: 'zh' | 'en';
}

function isVector({ schema }: Background): boolean {
  return schema !== 'raster';
}

type Source = SourceSpecification & { tiles?: string[] };

function sourcesOf(b: Background, origin: string): Record<string, Source> {
  const at = { minzoom: b.minzoom, maxzoom: b.maxzoom, ...(b.bounds ? { bounds: b.bounds } : {}) };
  if (isVector(b)) return { [SOURCE]: { type: 'vector', tiles: [origin + b.tiles], ...at } };
  const pictures = (tiles: string): Source => ({ type: 'raster', tiles: [origin + tiles], tileSize: b.tile_size, ...at });
  return { [SOURCE]: pictures(b.tiles), ...(b.labels ? { [LABELS]: pictures(b.labels) } : {}) };
}

/** Pictures step back: paler by day, dimmed at night, so that colors on the map mean what the legend says. */
function rasterLayers(b: Background, dark: boolean, strength: number): GroundLayers {
  const paint = dark ? { 'raster-brightness-max': 0.5, 'raster-saturation': -0.6, 'raster-contrast': 0.1 } : { 'raster-brightness-min': 0.08, 'raster-saturation': -0.35 };
  const layer = (id: string, source: string, opacity: number): Layer => ({ id, type: 'raster', source, paint: { ...paint, 'raster-opacity': opacity, 'raster-fade-duration': 0 } });
  return {
    under: [layer('ground-raster', SOURCE, strength)],
    // Names are to be read over the colors of the grids.
    over: b.labels ? [layer('ground-raster-labels', LABELS, Math.max(0.5, strength))] : [],
    names: [],
  };
}

/** Draws a background with what is wanted of it. */
export function groundOf(b: Background, { strength, own, lang }: Wanted, origin: string = window.location.origin): Ground {
  return {
    sources: sourcesOf(b, origin),
    layers(input: StyleInput): GroundLayers {
      const { tokens } = input;
      const palette = paletteOf(tokens);
      if (!isVector(b)) return rasterLayers(b, palette.dark, strength);
      const look: Look = { palette, fonts: tokens.fonts, textScale: tokens.textScale, streets: own && input.layers.includes('streets'), lang };
      const layers = b.schema === 'other' || b.schema === 'raster' ? plainLayers(b.vector_layers ?? [], look) : vectorLayers(SCHEMAS[b.schema], look);
      // One veil of paper thins all of it alike.
      const veil: Layer[] = strength < 1 ? [{ id: 'ground-veil', type: 'background', paint: { 'background-color': palette.paper, 'background-opacity': 1 - strength } }] : [];
      return { ...layers, under: [...layers.under, ...veil] };
    },
  };
}
