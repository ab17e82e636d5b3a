import type { JSX } from 'preact';
import { SearchBox, type SearchHit } from '../ui/search';
import { useApp } from './context';
import type { Controller } from './controller';

function pick(app: Controller, hit: SearchHit): void {
  app.searchText.value = '';
  const view = app.view.peek();
  if (hit.layer && hit.id !== undefined) {
    app.select(hit.layer, hit.id);
    if (hit.bbox) view?.fit([...hit.bbox] as [number, number, number, number]);
    else view?.easeTo(hit.lon, hit.lat, Math.max(view.map.getZoom(), 16));
    return;
  }
  view?.easeTo(hit.lon, hit.lat, 16.5);
  const { interaction } = app;
  app.set({ selection: null });
  if (interaction.value) interaction.value.place.value = [hit.lon, hit.lat];
}

/** Search over the server's names and codes; coordinates are read here. */
export function Find(): JSX.Element {
  const app = useApp();
  const { value, loading, key } = app.search.state.value;
  const query = app.searchText.value;
  return (
    <SearchBox
      query={query}
      onQuery={(text) => {
        app.searchText.value = text;
      }}
      groups={query.trim() && key === query.trim() ? (value?.groups ?? []) : value && query.trim() ? value.groups : null}
      loading={loading || key !== query.trim()}
      onPick={(hit) => pick(app, hit)}
      onPreview={(hit) => app.preview(hit ? [hit.lon, hit.lat] : null)}
      inputRef={(input) => {
        app.searchInput = input;
      }}
    />
  );
}

