/** A proposal as the map shows it: pieces in the color of their grid, the grid's number in its middle. */
import type { Tokens } from '../map/tokens';
import { colorsOf, type Proposal } from './partition';
import { areaOf, boxOfShape } from './shape';

const known = new WeakMap<Proposal, Map<number, number>>();

export function colorsFor(proposal: Proposal, count: number): Map<number, number> {
  let colors = known.get(proposal);
  if (!colors) {
    colors = colorsOf(proposal.grids, count);
    known.set(proposal, colors);
  }
  return colors;
}

export function proposalAreas(proposal: Proposal, face: number | null, t: Tokens): GeoJSON.FeatureCollection {
  const palette = [t.accent, t.kinds.hotline, t.kinds.police, t.kinds.dispute, t.text2, t.density[1]];
  const colors = colorsFor(proposal, palette.length);
  const features: GeoJSON.Feature[] = proposal.faces.map((item) => ({
    type: 'Feature',
    properties: {
      color: palette[colors.get(item.grid) ?? 0],
      opacity: item.id === face ? 0.75 : 0.32,
      line: item.id === face ? t.text : palette[colors.get(item.grid) ?? 0],
      width: item.id === face ? 3.5 : 0.8,
    },
    geometry: item.geometry,
  }));
  for (const grid of proposal.grids) {
    // The number stands in the largest piece.
    const largest = proposal.faces.filter((item) => item.grid === grid.grid).sort((a, b) => areaOf(b.shape) - areaOf(a.shape))[0];
    if (grid.geometry) features.push({ type: 'Feature', properties: { color: 'transparent', opacity: 0, line: t.text, width: 2.2 }, geometry: grid.geometry });
    const box = largest && boxOfShape(largest.shape);
    if (box) features.push({ type: 'Feature', properties: { name: numberOf(grid.grid), color: 'transparent' }, geometry: { type: 'Point', coordinates: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] } });
  }
  return { type: 'FeatureCollection', features };
}

/** Grids are counted from one. */
export function numberOf(grid: number): string {
  return String(grid + 1);
}
