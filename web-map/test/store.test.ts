import { describe, expect, it } from 'vitest';
import { Store, type Entry, type Page } from '../src/state/store';

class FakePage implements Page {
  entries: string[];
  at = 0;
  writes: Entry[] = [];
  private listener: () => void = () => {};
  constructor(hash = '') {
    this.entries = [hash];
  }
  hash(): string {
    return this.entries[this.at] ?? '';
  }
  write(fragment: string, entry: Entry): void {
    this.writes.push(entry);
    if (entry === 'push') this.entries.splice(++this.at, Infinity, fragment);
    else this.entries[this.at] = fragment;
  }
  onNavigate(listener: () => void): void {
    this.listener = listener;
  }
  go(step: number): void {
    this.at += step;
    this.listener();
  }
}

describe('store', () => {
  it('reads the address at the start', () => {
    expect(new Store(new FakePage('#m=rate')).state.value.measure).toBe('rate');
  });

  it('replaces while the camera moves and pushes a selection', () => {
    const page = new FakePage();
    const store = new Store(page);
    for (let zoom = 10; zoom < 15; zoom++) store.update({ camera: { zoom, lat: 31, lon: 117 } });
    store.update({ selection: { layer: 'grids', id: 7 } });
    expect(page.writes).toEqual(['replace', 'replace', 'replace', 'replace', 'replace', 'push']);
    expect(page.entries).toEqual(['#map=14/31/117', '#map=14/31/117&s=grid:7']);
  });

  it('goes back to the state before', () => {
    const page = new FakePage();
    const store = new Store(page);
    store.update({ view: 'data' });
    store.update({ selection: { layer: 'streets', id: 3 } });
    page.go(-1);
    expect(store.state.value.selection).toBeNull();
    expect(store.state.value.view).toBe('data');
    page.go(-1);
    expect(store.state.value.view).toBe('overview');
    expect(store.navigations.value).toBe(2);
    page.go(2);
    expect(store.state.value.selection).toEqual({ layer: 'streets', id: 3 });
  });

  it('writes nothing when nothing changed', () => {
    const page = new FakePage('#m=rate');
    new Store(page).update({ measure: 'rate' });
    expect(page.writes).toEqual([]);
  });

  it('makes one step of one gesture', () => {
    let now = 0;
    const page = new FakePage();
    const store = new Store(page, () => now);
    for (const from of ['2026-10-01', '2026-10-02', '2026-10-03']) {
      store.update({ period: { from, to: '2026-10-31' } });
      now += 100;
    }
    now += 2000;
    store.update({ period: { from: '2026-10-20', to: '2026-10-31' } });
    expect(page.writes).toEqual(['push', 'replace', 'replace', 'push']);
  });

  it('makes links to other views without going there', () => {
    const page = new FakePage('#m=rate&x=1');
    const store = new Store(page);
    expect(store.linkTo({ view: 'data', placed: 'false' })).toBe('#v=data&u=1&m=rate&x=1');
    expect(store.state.value.view).toBe('overview');
    expect(page.writes).toEqual([]);
  });

  it('carries foreign keys through every change', () => {
    const page = new FakePage('#e2e=1');
    new Store(page).update({ measure: 'none' });
    expect(page.hash()).toBe('#m=none&e2e=1');
  });
});
