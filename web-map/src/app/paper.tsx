import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { fmt } from '../i18n';
import { filterSentence } from '../ui/describe';
import { PrintPage } from '../ui/print';
import { useApp } from './context';
import { credit, dataText, datesText, filterWords } from './words';

interface Shot {
  image: string;
  width: number;
  height: number;
  metersPerPixel: number;
}

/** The printed pages; the picture of the map is taken in the very tick of printing. */
export function Paper(): JSX.Element | null {
  const app = useApp();
  const shot = useSignal<Shot | null>(null);
  const on = useSignal(false);
  useEffect(() => {
    const before = (): void => {
      const view = app.view.peek();
      on.value = true;
      const canvas = app.paperShot();
      if (!view || !canvas) return;
      shot.value = { image: canvas.toDataURL('image/png'), width: canvas.width / view.map.getPixelRatio(), height: canvas.height / view.map.getPixelRatio(), metersPerPixel: view.metersPerPixel() };
    };
    const after = (): void => {
      on.value = false;
      shot.value = null;
    };
    window.addEventListener('beforeprint', before);
    window.addEventListener('afterprint', after);
    return () => {
      window.removeEventListener('beforeprint', before);
      window.removeEventListener('afterprint', after);
    };
  }, []);
  if (!on.value) return null;
  const { session, store } = app;
  const meta = session.meta.value;
  const stats = session.stats.state.value.value;
  const rows = [...(stats?.grids ?? [])].sort((a, b) => b.count - a.count || a.id - b.id);
  return (
    <PrintPage
      district={meta?.district.name ?? ''}
      note={meta?.district.note ?? null}
      period={datesText(app)}
      filters={filterSentence(filterWords(app))}
      image={shot.value?.image ?? null}
      metresPerPixel={shot.value?.metersPerPixel ?? 0}
      imageWidth={shot.value?.width ?? 1}
      imageHeight={shot.value?.height ?? 1}
      measure={store.state.value.measure}
      breaks={session.breaks.value}
      total={stats?.total ?? 0}
      unplaced={stats?.unplaced ?? 0}
      noHouseholds={stats?.grids.filter((grid) => grid.households === null).length ?? 0}
      asOf={dataText(app)}
      made={fmt.time(Date.now() / 1000)}
      attribution={credit(app)}
      over={app.grounds.chosen.value !== null}
      rows={rows}
    />
  );
}
