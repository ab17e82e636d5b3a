import type { Map as Engine } from 'maplibre-gl';
import { KINDS, type Kind } from '../api/types';
import { fade, type Tokens } from './tokens';

/** Images are drawn at twice the size they are shown at. */
const RATIO = 2;

type Draw = (context: CanvasRenderingContext2D) => void;

function draw(width: number, height: number, paint: Draw): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = width * RATIO;
  canvas.height = height * RATIO;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return new ImageData(canvas.width, canvas.height);
  context.scale(RATIO, RATIO);
  context.lineJoin = 'round';
  paint(context);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function shape(kind: Kind, c: CanvasRenderingContext2D, middle: number, size: number): void {
  const r = size / 2;
  c.beginPath();
  if (kind === 'police') {
    c.moveTo(middle, middle - r);
    c.lineTo(middle + r * 1.08, middle + r * 0.86);
    c.lineTo(middle - r * 1.08, middle + r * 0.86);
    c.closePath();
  } else if (kind === 'dispute') {
    c.rect(middle - r * 0.86, middle - r * 0.86, r * 1.72, r * 1.72);
  } else {
    c.arc(middle, middle, r * 0.94, 0, Math.PI * 2);
  }
}

/** Triangle, square or disc, 14 px with its halo, told apart without color. */
function mark(kind: Kind, color: string, halo: string): ImageData {
  return draw(20, 20, (c) => {
    shape(kind, c, 10, 13);
    c.strokeStyle = halo;
    c.lineWidth = 4.4;
    c.stroke();
    c.fillStyle = color;
    c.fill();
  });
}

/** 45 degree lines that repeat without a seam. */
function hatch(color: string, width: number, step = 6): ImageData {
  return draw(step, step, (c) => {
    c.strokeStyle = color;
    c.lineWidth = width;
    c.lineCap = 'square';
    for (const shift of [-step, 0, step]) {
      c.beginPath();
      c.moveTo(shift - 1, step + 1);
      c.lineTo(shift + step + 1, -1);
      c.stroke();
    }
  });
}

function diamond(color: string, halo: string, filled: boolean): ImageData {
  return draw(18, 18, (c) => {
    c.beginPath();
    c.moveTo(9, 3.5);
    c.lineTo(14.5, 9);
    c.lineTo(9, 14.5);
    c.lineTo(3.5, 9);
    c.closePath();
    c.strokeStyle = halo;
    c.lineWidth = 4.6;
    c.stroke();
    c.fillStyle = filled ? color : halo;
    c.fill();
    c.strokeStyle = color;
    c.lineWidth = 1.7;
    c.stroke();
  });
}

/** The police station: a boxed cross. */
function station(color: string, halo: string): ImageData {
  return draw(22, 22, (c) => {
    c.fillStyle = halo;
    c.fillRect(2, 2, 18, 18);
    c.strokeStyle = color;
    c.lineWidth = 1.8;
    c.strokeRect(4, 4, 14, 14);
    c.fillStyle = color;
    c.fillRect(9.6, 6.8, 2.8, 8.4);
    c.fillRect(6.8, 9.6, 8.4, 2.8);
  });
}

/** Points along the line it is drawn on. */
function chevron(color: string, halo: string): ImageData {
  return draw(12, 12, (c) => {
    const path = (): void => {
      c.beginPath();
      c.moveTo(4, 2.6);
      c.lineTo(8, 6);
      c.lineTo(4, 9.4);
    };
    c.lineCap = 'round';
    path();
    c.strokeStyle = halo;
    c.lineWidth = 4.4;
    c.stroke();
    path();
    c.strokeStyle = color;
    c.lineWidth = 2;
    c.stroke();
  });
}

/** Adds or replaces every image of the style; called on load and when the theme changes. */
export function putImages(map: Engine, tokens: Tokens): void {
  const images: Record<string, ImageData> = {
    'hatch-none': hatch(tokens.control, 1),
    'hatch-compound': hatch(fade(tokens.text, 0.42), 0.9, 5),
    diamond: diamond(tokens.text, tokens.halo, false),
    station: station(tokens.text, tokens.halo),
    chevron: chevron(tokens.route, tokens.halo),
  };
  for (const kind of KINDS) {
    images[`ink-${kind}`] = mark(kind, tokens.text, tokens.halo);
    images[`kind-${kind}`] = mark(kind, tokens.kinds[kind], tokens.halo);
  }
  for (const [name, image] of Object.entries(images)) {
    if (map.hasImage(name)) map.updateImage(name, image);
    else map.addImage(name, image, { pixelRatio: RATIO });
  }
}
