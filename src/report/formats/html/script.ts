/**
 * The page's script: a theme switch and read-outs on charts. Nothing depends on it. Kept as text, so
 * that its hash in the page's security policy is that of what is served.
 */
export const pageScript = `
'use strict';
(() => {
  const root = document.documentElement;
  const toggle = document.getElementById('theme');
  const media = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : media.matches;
  const label = () => { toggle.textContent = isDark() ? 'Light' : 'Dark'; };
  toggle.hidden = false;
  toggle.addEventListener('click', () => { root.dataset.theme = isDark() ? 'light' : 'dark'; label(); });
  media.addEventListener('change', label);
  label();

  const readout = document.createElement('div');
  readout.id = 'readout';
  readout.hidden = true;
  document.body.append(readout);
  for (const layer of document.querySelectorAll('.hover')) {
    const points = JSON.parse(layer.dataset.points);
    if (points.length === 0) continue;
    const svg = layer.ownerSVGElement;
    const rule = layer.querySelector('.rule');
    const hide = () => { readout.hidden = true; rule.setAttribute('visibility', 'hidden'); };
    layer.addEventListener('pointermove', (event) => {
      const box = svg.getBoundingClientRect();
      const x = (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
      let best = points[0];
      for (const point of points) if (Math.abs(point[0] - x) < Math.abs(best[0] - x)) best = point;
      rule.setAttribute('transform', 'translate(' + best[0] + ' 0)');
      rule.setAttribute('visibility', 'visible');
      readout.textContent = best[1];
      readout.hidden = false;
      const left = Math.min(event.clientX + 16, innerWidth - readout.offsetWidth - 8);
      const top = Math.max(8, event.clientY - readout.offsetHeight - 14);
      readout.style.left = Math.max(8, left) + 'px';
      readout.style.top = top + 'px';
    });
    layer.addEventListener('pointerleave', hide);
    addEventListener('scroll', hide, { passive: true });
  }
})();
`;
