import type { JSX } from 'preact';
import { fmt, t } from '../i18n';
import { KindSymbol } from './icons';
import { Section } from './section';
import { KINDS, type Kind } from './types';

interface KindListProps {
  selected: readonly Kind[];
  /** Counts under every filter but the kind; missing while unknown. */
  counts: Partial<Record<Kind, number>>;
  onChange: (kinds: Kind[]) => void;
}

/** ▲ ■ ● with counts. */
export function KindList({ selected, counts, onChange }: KindListProps): JSX.Element {
  const toggle = (kind: Kind, on: boolean): void => onChange(KINDS.filter((k) => (k === kind ? on : selected.includes(k))));
  return (
    <Section title={t('panel.kinds')}>
      <ul class="rows">
        {KINDS.map((kind) => (
          <li class="row" key={kind}>
            <label>
              <input
                class="check"
                type="checkbox"
                checked={selected.includes(kind)}
                onChange={(e) => toggle(kind, e.currentTarget.checked)}
              />
              <KindSymbol kind={kind} />
              <span class="row-name">{t(`kind.${kind}`)}</span>
              <span class="row-count">{fmt.num(counts[kind])}</span>
            </label>
          </li>
        ))}
      </ul>
    </Section>
  );
}
