import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { lang } from '../i18n';
import { CategoryTree } from '../ui/categories';
import { Counting } from '../ui/counting';
import { HourFilter } from '../ui/hours';
import { useApp } from './context';

/** Categories with counts. */
export function Categories(): JSX.Element {
  const app = useApp();
  const nodes = useComputed(() =>
    (app.session.meta.value?.categories ?? []).map((category) => ({
      code: category.code,
      parent: category.parent,
      name: lang.value === 'en' ? category.name_en || category.name_zh : category.name_zh,
      kind: category.kind,
    })),
  );
  const counts = useComputed(() => Object.fromEntries((app.session.categories.state.value.value?.items ?? []).map((item) => [item.key, item.count])));
  return (
    <CategoryTree nodes={nodes.value} selected={app.store.state.value.categories} counts={counts.value} onChange={(categories) => app.set({ categories })} />
  );
}

/** Hours of the day and days of the week. */
export function Hours(): JSX.Element {
  const app = useApp();
  const { hours, weekdays } = app.store.state.value;
  return <HourFilter hours={hours} weekdays={weekdays} onHours={(next) => app.set({ hours: next })} onWeekdays={(next) => app.set({ weekdays: next })} />;
}

/** Who reported, and by which grids it is counted. */
export function Rules(): JSX.Element {
  const app = useApp();
  const { found, todaysGrids } = app.store.state.value;
  return (
    <Counting
      found={found}
      onFound={(next) => app.set({ found: next })}
      patrol={app.session.patrolCount()}
      todaysGrids={todaysGrids}
      onTodaysGrids={(on) => app.set({ todaysGrids: on })}
      grids={!app.session.bare.value}
    />
  );
}
