import type { Tokens } from './tokens';

/** What the exported picture says around the map. */
export interface SheetWords {
  title: string;
  period: string;
  filters: string;
  legendTitle: string;
  legend: { color: string; label: string }[];
  doubts: string;
  asOf: string;
  attribution: string;
  north: string;
}

const EDGE = 24;
const HEAD = 76;
const FOOT = 84;

/** A round length that fits into `maxPx`, with its width in px. */
export function scaleFor(metersPerPixel: number, maxPx: number): { meters: number; px: number } {
  const most = metersPerPixel * maxPx;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [5, 2, 1].find((s) => s * power <= most) ?? 1;
  return { meters: step * power, px: (step * power) / metersPerPixel };
}

/**
 * Composes the map picture with title, period, legend, scale bar, north arrow
 * and doubts, always on light paper; the picture itself keeps its theme.
 */
export function composeSheet(map: HTMLCanvasElement, ratio: number, metersPerPixel: number, words: SheetWords, t: Tokens): HTMLCanvasElement {
  const width = map.width / ratio;
  const height = map.height / ratio;
  const canvas = document.createElement('canvas');
  canvas.width = (width + EDGE * 2) * ratio;
  canvas.height = (height + HEAD + FOOT) * ratio;
  const c = canvas.getContext('2d');
  if (!c) return canvas;
  c.scale(ratio, ratio);
  const family = t.fonts.map((name) => (name.includes(' ') ? `"${name}"` : name)).join(',');
  const text = (content: string, x: number, y: number, size: number, weight = 400, color = t.text): number => {
    c.font = `${weight} ${size}px ${family}`;
    c.fillStyle = color;
    c.fillText(content, x, y);
    return c.measureText(content).width;
  };
  c.fillStyle = t.surface;
  c.fillRect(0, 0, width + EDGE * 2, height + HEAD + FOOT);
  text(words.title, EDGE, 34, 20, 600);
  const used = text(words.period, EDGE, 60, 14);
  text(words.filters, EDGE + used + 16, 60, 13, 400, t.text2);
  c.drawImage(map, EDGE, HEAD, width, height);
  c.strokeStyle = t.line;
  c.strokeRect(EDGE, HEAD, width, height);
  drawNorth(c, EDGE + width - 28, HEAD + 20, words.north, family, t);
  drawScale(c, EDGE + 12, HEAD + height - 14, metersPerPixel, family, t);
  const foot = HEAD + height + 22;
  let x = EDGE;
  if (words.legend.length) x += text(words.legendTitle, x, foot, 13, 600) + 12;
  for (const item of words.legend) {
    c.fillStyle = item.color;
    c.fillRect(x, foot - 11, 26, 13);
    c.strokeStyle = t.line;
    c.lineWidth = 0.5;
    c.strokeRect(x, foot - 11, 26, 13);
    x += 30 + text(item.label, x + 30, foot, 12) + 10;
  }
  text(words.doubts, EDGE, foot + 24, 12, 400, t.text2);
  text([words.asOf, words.attribution].filter(Boolean).join(' · '), EDGE, foot + 44, 12, 400, t.text2);
  return canvas;
}

function drawNorth(c: CanvasRenderingContext2D, x: number, y: number, label: string, family: string, t: Tokens): void {
  c.beginPath();
  c.moveTo(x, y);
  c.lineTo(x + 8, y + 24);
  c.lineTo(x, y + 19);
  c.lineTo(x - 8, y + 24);
  c.closePath();
  c.strokeStyle = t.halo;
  c.lineWidth = 4;
  c.stroke();
  c.fillStyle = t.text;
  c.fill();
  c.font = `600 13px ${family}`;
  c.textAlign = 'center';
  c.strokeText(label, x, y + 40);
  c.fillText(label, x, y + 40);
  c.textAlign = 'left';
}

function drawScale(c: CanvasRenderingContext2D, x: number, y: number, metersPerPixel: number, family: string, t: Tokens): void {
  const { meters, px } = scaleFor(metersPerPixel, 140);
  const label = meters >= 1000 ? `${meters / 1000} km` : `${meters} m`;
  c.fillStyle = t.surface;
  c.fillRect(x - 4, y - 20, px + 8, 24);
  c.strokeStyle = t.text;
  c.lineWidth = 2;
  c.beginPath();
  c.moveTo(x, y - 8);
  c.lineTo(x, y);
  c.lineTo(x + px, y);
  c.lineTo(x + px, y - 8);
  c.stroke();
  c.font = `12px ${family}`;
  c.fillStyle = t.text;
  c.fillText(label, x + 6, y - 4);
}

/** Offers a canvas as a file. */
export function download(canvas: HTMLCanvasElement, name: string): Promise<void> {
  return new Promise((resolve) => {
    canvas.toBlob((blob) => {
      if (blob) {
        const link = document.createElement('a');
        link.href = URL.createObjectURL(blob);
        link.download = name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      }
      resolve();
    }, 'image/png');
  });
}
