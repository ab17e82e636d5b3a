import { describe, expect, it } from 'vitest';
import { DEFAULTS, formatFragment, parseFragment, type ViewState } from '../src/state/url';

const full: ViewState = {
  camera: { zoom: 14.25, lat: 31.88412, lon: 117.30217 },
  view: 'data',
  layers: ['grids', 'incidents'],
  order: ['streets', 'incidents', 'routes', 'compounds', 'grids'],
  kinds: ['police', 'hotline'],
  categories: ['dispute.noise', 'theft'],
  grids: ['JS012'],
  period: { from: '2026-10-24', to: '2026-11-22' },
  hours: '20-23,6',
  weekdays: '1-5',
  found: 'patrol',
  placed: 'false',
  columns: { dept: ['a', 'b'] },
  todaysGrids: true,
  yearOnYear: true,
  measure: 'rate',
  classMode: 'equal',
  table: 'grids',
  selection: { layer: 'grids', id: 190 },
  present: true,
  language: 'en',
  theme: 'dark',
  background: 'osm',
};

describe('fragment', () => {
  it('omits defaults', () => {
    expect(formatFragment(DEFAULTS)).toBe('');
    expect(parseFragment('').state).toEqual(DEFAULTS);
  });

  it('comes back as it was written', () => {
    const text = formatFragment(full);
    expect(text).toBe(
      '#map=14.25/31.88412/117.30217&v=data&l=grids,incidents&o=street,incident,route,compound,grid&k=police,hotline&c=dispute.noise,theft&in=JS012&t=2026-10-24..2026-11-22&h=20-23,6&w=1-5&f=patrol&u=1&x.dept=a,b&g=today&y=1&m=rate&b=equal&d=grids&s=grid:190&p=1&lang=en&theme=dark&bg=osm',
    );
    expect(parseFragment(text).state).toEqual(full);
  });

  it('keeps the keys of others and their values', () => {
    const { state, rest } = parseFragment('#x=1&m=rate&note=a%26b&flag');
    expect(state.measure).toBe('rate');
    expect(formatFragment(state, rest)).toBe('#m=rate&x=1&note=a%26b&flag=');
  });

  it.each([
    ['map=abc', 'camera'],
    ['map=14/91/117', 'camera'],
    ['map=NaN/31/117', 'camera'],
    ['map=14/31', 'camera'],
    ['t=2026-11-22..2026-10-24', 'period'],
    ['t=2026-02-30..2026-03-01', 'period'],
    ['h=25', 'hours'],
    ['h=a-b', 'hours'],
    ['w=0-7', 'weekdays'],
    ['s=grid:x', 'selection'],
    ['s=person:1', 'selection'],
    ['m=heat', 'measure'],
    ['b=natural', 'classMode'],
    ['u=maybe', 'placed'],
    ['o=person,', 'order'],
    ['o=incident,route,compound,grid,street', 'order'],
    ['k=', 'kinds'],
    ['v=%E0%A4', 'view'],
  ] as const)('%s falls back to the default', (text, key) => {
    expect(parseFragment(`#${text}`).state[key]).toEqual(DEFAULTS[key]);
  });

  it('allows no layer at all', () => {
    const { state } = parseFragment('#l=');
    expect(state.layers).toEqual([]);
    expect(formatFragment(state)).toBe('#l=');
  });

  it('orders the layers named first and the rest after them', () => {
    expect(parseFragment('#o=grid,grid,street').state.order).toEqual(['grids', 'streets', 'incidents', 'routes', 'compounds']);
  });

  it('keeps hours that wrap midnight', () => {
    expect(parseFragment('#h=22-5').state.hours).toBe('22-5');
  });
});
