import type { JSX } from 'preact';
import { KINDS, LAYERS, type Kind, type LayerName } from '../api/types';
import type { ClassMode } from '../classes';
import { fmt, t } from '../i18n';
import type { Measure } from '../state/url';
import { KindList } from '../ui/kinds';
import { LayerList, moved } from '../ui/layers';
import { Legend } from '../ui/legend';
import type { Action } from '../ui/types';
import { useApp } from './context';
import type { Controller } from './controller';
import { exportUrl } from './exports';
import { Later } from './lazily';
import { periodText } from './words';

/** Layers, legend, kinds, categories, hours. */
export function LeftPanel(): JSX.Element {
  return (
    <>
      <Layers />
      <Later part="Backgrounds" />
      <MapLegend />
      <Kinds />
      <Later part="Rules" />
      <Later part="Kept" />
      <Later part="Categories" />
      <Later part="Hours" />
    </>
  );
}

function layerActions(app: Controller, layer: LayerName): Action[] {
  return [
    { id: 'table', label: t('panel.toTable'), run: () => app.openTable(layer) },
    { id: 'csv', label: t('table.csv'), href: exportUrl(app, layer, 'csv') },
    { id: 'geojson', label: t('table.geojson'), href: exportUrl(app, layer, 'geojson') },
  ];
}

function Layers(): JSX.Element {
  const app = useApp();
  const { layers, order } = app.store.state.value;
  const meta = app.session.meta.value;
  const total = app.session.stats.state.value.value?.total ?? null;
  const count = (layer: LayerName): number | null =>
    layer === 'incidents' ? total : (meta?.layers.find((entry) => entry.name === layer)?.count ?? null);
  return (
    <LayerList
      rows={order.map((name) => ({ name, on: layers.includes(name), count: count(name), actions: layerActions(app, name) }))}
      onMove={(name, to) => app.set({ order: moved(order, name, to) })}
      onToggle={(name, on) => app.set({ layers: LAYERS.filter((layer) => (layer === name ? on : layers.includes(layer))) })}
    />
  );
}

/** `quiet`: to be read only, on a screen that many look at. */
export function MapLegend({ quiet = false }: { quiet?: boolean }): JSX.Element {
  const app = useApp();
  const { session } = app;
  const { measure, classMode, todaysGrids, found } = app.store.state.value;
  const day = session.gridsDay.value;
  const stats = session.stats.state.value.value;
  const outside = session.kinds.state.value.value?.outside ?? 0;
  return (
    <Legend
      measure={measure}
      period={periodText(app)}
      breaks={session.breaks.value}
      sizes={session.classSizes()}
      active={session.classes.value}
      noHouseholds={stats?.grids.filter((grid) => grid.households === null).length ?? 0}
      unplaced={stats?.unplaced ?? 0}
      outside={outside}
      todaysGrids={todaysGrids}
      gridsDay={day === null ? null : fmt.day(day, true)}
      found={found}
      patrol={session.patrolCount()}
      retired={session.retired()}
      bare={session.bare.value}
      mode={classMode}
      {...(quiet
        ? {}
        : {
            onClass: (index: number) => session.toggleClass(index),
            onMeasure: (next: Measure) => {
              session.classes.value = [];
              app.set({ measure: next });
            },
            onMode: (mode: ClassMode) => {
              session.classes.value = [];
              app.set({ classMode: mode });
            },
          })}
    />
  );
}

function Kinds(): JSX.Element {
  const app = useApp();
  const { kinds } = app.store.state.value;
  const counts: Partial<Record<Kind, number>> = {};
  if (app.session.kinds.state.value.value) for (const kind of KINDS) counts[kind] = app.session.kindCount(kind) ?? 0;
  return <KindList selected={kinds} counts={counts} onChange={(next) => app.set({ kinds: next.length ? next : [...KINDS] })} />;
}
