import './polyfills';
import './styles/app.css';

/** Said in both languages, because nothing that could choose one is loaded yet. */
const TOO_OLD =
  '浏览器版本过旧,无法显示地图。请使用 Chromium 94 或更新的浏览器(360、奇安信、UOS 浏览器的新版本均可)。 · This browser is too old; please use Chromium 94 or later.';

function sayTooOld(root: HTMLElement): void {
  const note = document.createElement('p');
  note.setAttribute('role', 'alert');
  note.className = 'empty';
  note.textContent = TOO_OLD;
  const link = document.createElement('a');
  link.href = '/collections?f=html';
  link.textContent = '数据目录 · Data';
  root.replaceChildren(note, link);
}

const root = document.getElementById('app');
if (root) {
  // A browser that cannot parse the client fails this import, and only this one.
  import('./app/boot').then(
    ({ boot }) => boot(root),
    (error: unknown) => {
      console.error(error);
      sayTooOld(root);
    },
  );
}
