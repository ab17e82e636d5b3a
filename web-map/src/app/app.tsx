import { useEffect, useRef } from 'preact/hooks';
import { useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { lang, t } from '../i18n';
import { Draw, leaveTask, startTask, task, type Task } from '../draw/entry';
import { bindDrops, DropVeil, ImportView } from '../import/entry';
import { areaOf, lengthOf } from '../map/measure';
import { SettingsView } from '../settings/entry';
import { CoordinateChip } from '../ui/coordinate';
import { layout } from '../ui/layout';
import { MapButtons, MeasureBar, ScaleBar } from '../ui/mapbits';
import { Shell } from '../ui/shell';
import { CrashScreen, EmptyState, ErrorBar, OfflineBar, Progress, Toast, ToastRegion } from '../ui/state';
import { TopBar } from '../ui/topbar';
import type { Action } from '../ui/types';
import { useApp } from './context';
import type { Controller } from './controller';
import { exportActions } from './exports';
import { Find } from './find';
import { Later, loadLater, Presented } from './lazily';
import { LeftPanel, MapLegend } from './left';
import { Time } from './time';
import { asOfText, credit, dataText } from './words';

/** The whole screen: every slot of the frame, filled from the state. */
export function App(): JSX.Element {
  const app = useApp();
  const { session, store } = app;
  void lang.value;
  const { view, selection, present } = store.state.value;
  const place = app.interaction.value?.place.value ?? null;
  const phone = layout.value === 'phone';
  const drawing = task.value !== null && !present;
  const locate = app.can.position && app.view.value ? () => app.locate() : undefined;
  useEffect(() => bindDrops(app), []);
  if (session.failure.value && !session.meta.value) return <Unreachable />;
  if (view === 'settings') {
    return (
      <>
        <SettingsView top={<Top />}>
          <Later part="Dialogs" />
        </SettingsView>
        <DropVeil />
      </>
    );
  }
  if (view === 'import') {
    return (
      <>
        <ImportView top={<Top />}>
          <Later part="Dialogs" />
        </ImportView>
        <DropVeil />
      </>
    );
  }
  return (
    <>
      <Shell
        top={present ? <Presented part="PresentHead" /> : <Top />}
        wall={present ? <Presented part="PresentSide" /> : null}
        strip={view === 'overview' && !present ? <Later part="Kpis" /> : null}
        stripSlim={app.slimFigures.value}
        left={<LeftPanel />}
        leftOpen={app.leftOpen.value}
        onLeftOpen={(open) => (app.leftOpen.value = open)}
        map={<Stage />}
        overTop={drawing ? <><Draw part="DrawBar" /><Notices /></> : <Notices />}
        overRight={app.drawn.value && !present ? <Buttons onLocate={locate} /> : null}
        overBottom={present ? <Presented part="PresentLegend" /> : <Readout />}
        attribution={<Attribution />}
        time={<Time />}
        timeExtra={<MapLegend />}
        table={view === 'data' || phone ? <Later part="Records" lines={6} /> : null}
        onTable={(open) => (open ? app.openTable() : app.set({ view: 'overview' }))}
        inspector={drawing ? <Draw part="DrawPanel" /> : selection || place ? <Later part="Inspect" lines={8} /> : null}
        onCloseInspector={() => (drawing ? leaveTask() : app.closeInspector())}
        tab={app.tab.value}
        onTab={(tab) => app.setTab(tab)}
        detent={app.detent.value}
        onDetent={(detent) => (app.detent.value = detent)}
        onLocate={locate}
      >
        <Later part="Dialogs" />
        {drawing ? <Draw part="DrawDialogs" /> : null}
        <ToastRegion>
          {app.notes.value.map((note) => (
            <Toast key={note.id} message={note.text} {...(note.action ? { action: { ...note.action, run: () => { app.dismiss(note.id); note.action?.run(); } }, stay: 12_000 } : {})} onClose={() => app.dismiss(note.id)} />
          ))}
        </ToastRegion>
      </Shell>
      <Later part="Paper" />
      <DropVeil />
    </>
  );
}

function Unreachable(): JSX.Element {
  const app = useApp();
  if (app.session.failure.value && app.session.failure.value !== 'offline') return <CrashScreen message={app.session.failure.value} />;
  return (
    <main>
      <h1 class="visually-hidden">{t('app.title')}</h1>
      <EmptyState text={t('state.offlineNever')} action={{ label: t('action.retry'), run: () => window.location.reload() }} />
    </main>
  );
}

function Top(): JSX.Element {
  const app = useApp();
  const district = app.session.meta.value?.district;
  return (
    <TopBar
      search={<Find />}
      views={[
        { id: 'overview', label: t('view.overview') },
        { id: 'data', label: t('view.data') },
      ]}
      view={app.store.state.value.view === 'import' ? 'data' : app.store.state.value.view}
      onView={(id) => (id === 'data' ? app.openTable() : app.set({ view: 'overview' }))}
      demo={district?.note ? district.name : null}
      theme={app.theme.value}
      onTheme={() => app.toggleTheme()}
      onLanguage={() => app.toggleLanguage()}
      onShare={() => (app.dialog.value = 'share')}
      more={moreActions(app, layout.value === 'phone')}
      edits={editActions(app)}
      exports={exportActions(app)}
      {...(layout.value === 'tablet' ? { onMenu: () => (app.leftOpen.value = !app.leftOpen.value) } : {})}
    />
  );
}

/** What can be made or changed as a whole. */
function editActions(app: Controller): Action[] {
  const make = (id: string, label: string, next: Task): Action => ({
    id,
    label,
    run: () => {
      const { view } = app.store.state.peek();
      if (view === 'import' || view === 'settings') app.set({ view: 'overview' });
      startTask(next);
    },
  });
  return [
    make('incidents', t('edit.newIncident'), { kind: 'new', layer: 'incidents' }),
    make('compounds', t('edit.newCompound'), { kind: 'new', layer: 'compounds' }),
    make('routes', t('edit.newRoute'), { kind: 'new', layer: 'routes' }),
    make('grids', t('edit.newGrid'), { kind: 'new', layer: 'grids' }),
    make('partition', t('edit.partition'), { kind: 'partition' }),
  ];
}

/** What is rarely set; on phones also what has no room in the bar. */
function moreActions(app: Controller, phone: boolean): Action[] {
  return [
    ...(phone
      ? [
          { id: 'theme', label: t(app.theme.value === 'dark' ? 'theme.light' : 'theme.dark'), run: () => app.toggleTheme() },
          { id: 'lang', label: t('lang.switch'), run: () => app.toggleLanguage() },
          ...editActions(app),
        ]
      : []),
    { id: 'settings', label: t('view.settings'), run: () => app.set({ view: 'settings' }) },
    { id: 'text', label: t('text.large'), checked: app.largeText.value, run: () => (app.largeText.value = !app.largeText.value) },
    ...(phone ? [] : [{ id: 'present', label: t('present.title'), note: 'W', run: () => app.present(true) }]),
    { id: 'keys', label: t('keys.title'), note: '?', run: () => (app.dialog.value = 'keys') },
    { id: 'about', label: t('about.title'), run: () => (app.dialog.value = 'about') },
  ];
}

/** The map, or the server's picture of it where WebGL2 is missing. */
function Stage(): JSX.Element {
  const app = useApp();
  const ready = useComputed(() => app.session.meta.value !== null);
  return (
    <>
      <Progress on={app.busy.value || app.session.stats.state.value.loading} />
      {!app.drawn.value ? <Later part="Fallback" lines={4} /> : ready.value ? <MapHost /> : null}
    </>
  );
}

function MapHost(): JSX.Element {
  const app = useApp();
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Everything else waits for the first map, but not for ever.
    const timer = setTimeout(() => void loadLater(), 2500);
    const unmount = host.current ? app.mount(host.current) : undefined;
    app.view.peek()?.map.once('idle', () => void loadLater());
    return () => {
      clearTimeout(timer);
      unmount?.();
    };
  }, []);
  return <div ref={host} />;
}

function Notices(): JSX.Element {
  const app = useApp();
  const { session } = app;
  const measured = app.interaction.value?.measured.value ?? null;
  const stats = session.stats.state.value;
  const mode = useSignal<'length' | 'area'>('length');
  const parts: ComponentChildren[] = [];
  if (measured) {
    parts.push(
      <MeasureBar
        key="measure"
        mode={mode.value}
        onMode={(next) => (mode.value = next)}
        points={measured.points.length}
        length={lengthOf(measured)}
        area={areaOf(measured)}
        onUndo={() => app.interaction.value?.undoMeasure()}
        onClear={() => app.interaction.value?.clearMeasure()}
        onClose={() => app.interaction.value?.stopMeasure()}
      />,
    );
  }
  if (session.link.value === 'lost' && stats.error === 'offline') parts.push(<OfflineBar key="offline" at={asOfText(app) || null} onRetry={() => session.retry()} />);
  else if (stats.error && stats.error !== 'offline') parts.push(<ErrorBar key="error" text={stats.error} onRetry={() => session.retry()} />);
  else if (session.link.value === 'lost') parts.push(<OfflineBar key="offline" at={asOfText(app) || null} onRetry={() => session.retry()} />);
  if (app.tileFailures.value > 0) parts.push(<ErrorBar key="tiles" text={t('state.tiles', { n: app.tileFailures.value })} onRetry={() => app.retryTiles()} />);
  if (session.meta.value && !session.meta.value.bounds) parts.push(<div key="none" class="float"><EmptyState text={t('state.noData')} action={{ label: t('view.import'), run: () => app.set({ view: 'import' }) }} /></div>);
  else if (stats.value?.total === 0 && !stats.loading && session.meta.value?.time) {
    parts.push(
      <div key="empty" class="bar" role="status">
        <span>{t('state.emptyPeriod')}</span>
        <button type="button" class="btn btn-link" onClick={() => app.widen()}>
          {app.wider() === 'all' ? t('time.widenAll') : t('time.widen', { n: app.wider() })}
        </button>
      </div>,
    );
  }
  return <>{parts}</>;
}

function Buttons({ onLocate }: { onLocate: (() => void) | undefined }): JSX.Element {
  const app = useApp();
  const zoom = (step: number): void => app.zoomBy(step);
  return (
    <MapButtons
      onZoomIn={() => zoom(1)}
      onZoomOut={() => zoom(-1)}
      onHome={() => app.home()}
      {...(onLocate ? { onLocate } : {})}
      measuring={(app.interaction.value?.measured.value ?? null) !== null}
      onMeasure={() => app.interaction.value?.toggleMeasure()}
    />
  );
}

/** Scale bar and the coordinates under the pointer, else of the middle. */
function Readout(): JSX.Element | null {
  const app = useApp();
  const camera = app.camera.value;
  const view = app.view.value;
  if (!camera || !view) return null;
  const metres = view.metersPerPixel();
  // Scale on a screen of 96 dpi, which is what a CSS pixel means.
  const scale = Math.round((metres * 96) / 0.0254 / 100) * 100;
  return (
    <>
      <ScaleBar metresPerPixel={metres} />
      <CoordinateChip at={app.interaction.value?.pointer.value ?? [camera.lon, camera.lat]} datum={app.datum.value} onDatum={(datum) => (app.datum.value = datum)} scale={scale} />
    </>
  );
}

function Attribution(): JSX.Element {
  const app = useApp();
  const asOf = dataText(app);
  return (
    <>
      {[credit(app), asOf && t('map.asOf', { time: asOf })].filter(Boolean).join(' · ')}
      <span role="status">
        {app.grounds.failed.value !== null ? (
          <>
            {' · '}
            {t('map.groundFailed')} <button type="button" class="btn-text" onClick={() => app.retryGround()}>{t('action.retry')}</button>
          </>
        ) : null}
      </span>
    </>
  );
}
