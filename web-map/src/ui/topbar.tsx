import type { ComponentChildren, JSX } from 'preact';
import { lang, t } from '../i18n';
import { Icon } from './icons';
import { Menu } from './menu';
import type { Action } from './types';

interface TopBarProps {
  /** The search box. */
  search: ComponentChildren;
  views: readonly { id: string; label: string }[];
  view: string;
  onView: (id: string) => void;
  /** Name of the district, shown in the demo chip; null when the data is real. */
  demo: string | null;
  theme: 'light' | 'dark';
  onTheme: () => void;
  onLanguage: () => void;
  onShare: () => void;
  /** 大字, 演示模式, 快捷键, 关于. */
  more: readonly Action[];
  /** What can be made by hand. */
  edits: readonly Action[];
  exports: readonly Action[];
  /** Opens the left drawer; given on tablets only. */
  onMenu?: () => void;
}

export function TopBar(props: TopBarProps): JSX.Element {
  const { view, demo } = props;
  return (
    <header class="topbar">
      {props.onMenu ? (
        <button type="button" class="btn btn-icon wide" aria-label={t('panel.left')} title={t('panel.left')} onClick={props.onMenu}>
          <Icon name="layers" />
        </button>
      ) : null}
      <h1>{t('app.title')}</h1>
      <div class="topbar-search">{props.search}</div>
      {props.views.length > 1 ? (
        <nav aria-label={t('view.list')}>
          {props.views.map(({ id, label }) => (
            <button key={id} type="button" class="btn" aria-current={id === view ? 'page' : undefined} onClick={() => props.onView(id)}>
              {label}
            </button>
          ))}
        </nav>
      ) : null}
      <div class="topbar-end">
        {demo === null ? null : (
          <span class="badge badge-dashed" title={t('app.demoHint')}>
            {t('app.demo')}
            {demo ? <span class="badge-demo-name"> · {demo}</span> : null}
          </span>
        )}
        <Menu actions={props.edits} class="btn wide" name={t('edit.menu')}>
          <span class="btn-label">{t('edit.menu')}</span>
          <span class="btn-glyph"><Icon name="pen" /></span>
        </Menu>
        <button type="button" class="btn" title={t('action.share')} aria-label={t('action.share')} onClick={props.onShare}>
          <span class="btn-label">{t('action.share')}</span>
          <span class="btn-glyph"><Icon name="share" /></span>
        </button>
        <Menu actions={props.exports} class="btn wide" name={t('action.export')}>
          <span class="btn-label">{t('action.export')}</span>
          <span class="btn-glyph"><Icon name="download" /></span>
        </Menu>
        <button type="button" class="btn btn-icon wide" aria-label={t('theme.toggle')} title={t('theme.toggle')} onClick={props.onTheme}>
          <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <circle cx="10" cy="10" r="7" />
            <path class="icon-fill" d={props.theme === 'dark' ? 'M10 3a7 7 0 0 0 0 14V3Z' : 'M10 3a7 7 0 0 1 0 14V3Z'} />
          </svg>
        </button>
        <button
          type="button"
          class="btn wide"
          lang={lang.value === 'zh' ? 'en' : 'zh-CN'}
          title={t('lang.switch')}
          aria-label={`${t('lang.other')}: ${t('lang.switch')}`}
          onClick={props.onLanguage}
        >
          {t('lang.other')}
        </button>
        <Menu actions={props.more} class="btn btn-icon" root="topbar-more" name={t('action.more')}>
          <Icon name="more" />
        </Menu>
      </div>
    </header>
  );
}
