// Makes a picture of days readable closely: exact values under pointer or arrow keys, zoom. uPlot comes when asked for; without it, and on paper, the page's own SVG stays.
(() => {
  const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'Mei', 'Jun', 'Jul', 'Agu', 'Sep', 'Okt', 'Nov', 'Des'];
  const HEIGHT_PX = 320;
  const NARROWEST_PX = 260;
  const DAYS_LEAST = 3;
  const DAY_S = 86400;
  const LIBRARY = '/static/vendor/uPlot.iife.min.js';
  const STYLES = '/static/vendor/uPlot.min.css';
  const INK = { middle: '#1f6feb', edge: '#5c97f2', ceiling: '#b3261e', bad: '#d9730d' };
  let library = null;

  const load = () => {
    library ??= new Promise((done, failed) => {
      const styles = document.createElement('link');
      styles.rel = 'stylesheet';
      styles.href = STYLES;
      const script = document.createElement('script');
      script.src = LIBRARY;
      script.addEventListener('load', done);
      script.addEventListener('error', () => { library = null; failed(new Error(LIBRARY)); });
      document.head.append(styles, script);
    });
    return library;
  };

  const numbers = new Intl.NumberFormat('id-ID', { maximumFractionDigits: 2 });
  const written = {
    rupiah: (value) => `Rp${numbers.format(value)}`,
    percent: (value) => `${numbers.format(value * 100)}%`,
    ms: (value) => `${numbers.format(Math.round(value))} ms`,
  };
  const day = (seconds) => {
    const at = new Date(seconds * 1000);
    return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
  };
  const shortDay = (seconds) => day(seconds).replace(/ \d+$/, '');

  const element = (name, words, more = {}) =>
    Object.assign(document.createElement(name), { textContent: words }, more);

  // One line of the picture: a ceiling steps, the edges of a ribbon are thin.
  const line = (each) => ({
    label: each.label,
    stroke: INK[each.kind],
    width: each.kind === 'edge' ? 1 : 3,
    dash: each.kind === 'ceiling' ? [10, 4] : [],
    paths: each.kind === 'ceiling' ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear(),
    points: { show: each.kind !== 'ceiling' && each.kind !== 'edge', size: 6 },
    spanGaps: true,
  });

  const bands = (series) => {
    const edges = series.flatMap((each, place) => (each.kind === 'edge' ? [place + 1] : []));
    return edges.length === 2 ? [{ series: [edges[1], edges[0]], fill: '#a9c7fa99' }] : [];
  };

  const draw = (holder, given, said) => {
    const days = given.days.map((each) => Date.parse(`${each}T00:00:00Z`) / 1000);
    const write = written[given.unit];
    const tell = (chart) => {
      const at = chart.cursor.idx;
      if (at === null || at === undefined) return;
      const values = given.series
        .filter((each) => each.values[at] !== null)
        .map((each) => `${each.label} ${write(each.values[at])}`);
      said.textContent = `${day(days[at])}: ${values.join(', ')}`;
    };
    return new uPlot(
      {
        width: Math.max(holder.clientWidth, NARROWEST_PX),
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { y: false, drag: { x: true, y: false } },
        scales: { x: { time: true } },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
        axes: [
          { font: '16px system-ui', size: 44, incrs: [1, 2, 7, 14, 30, 61, 122].map((n) => n * DAY_S),
            space: 76, values: (_, splits) => splits.map(shortDay) },
          { font: '16px system-ui', size: 96, values: (_, splits) => splits.map(write) },
        ],
        series: [{}, ...given.series.map(line)],
        bands: bands(given.series),
        hooks: { setCursor: [tell] },
      },
      [days, ...given.series.map((each) => each.values)],
      holder,
    );
  };

  // The arrow keys go from day to day within what is shown.
  const walk = (chart, key) => {
    const { min, max } = chart.scales.x;
    const shown = chart.data[0].flatMap((at, place) => (at >= min && at <= max ? [place] : []));
    const steps = { ArrowLeft: -1, ArrowRight: 1 };
    const ends = { Home: shown[0], End: shown[shown.length - 1] };
    const from = shown.indexOf(chart.cursor.idx ?? shown[0] - 1);
    const next = key in ends ? ends[key] : shown[Math.min(Math.max(from + steps[key], 0), shown.length - 1)];
    chart.setCursor({ left: chart.valToPos(chart.data[0][next], 'x'), top: HEIGHT_PX / 2 });
  };

  const closer = (chart) => {
    const { min, max } = chart.scales.x;
    const middle = chart.cursor.idx === null || chart.cursor.idx === undefined
      ? (min + max) / 2
      : chart.data[0][chart.cursor.idx];
    const half = Math.max((max - min) / 4, DAY_S);
    chart.setScale('x', { min: middle - half, max: middle + half });
  };
  const whole = (chart) => {
    const days = chart.data[0];
    chart.setScale('x', { min: days[0], max: days[days.length - 1] });
  };

  const open = async (place, given, picture) => {
    await load();
    const said = element('p', 'Pilih hari dengan penunjuk, atau dengan panah kiri dan kanan.', { className: 'reading' });
    said.setAttribute('role', 'status');
    const holder = element('div', '', { className: 'lines', tabIndex: 0 });
    holder.setAttribute('role', 'group');
    holder.setAttribute('aria-label', `${given.title}. Panah kiri dan kanan memilih hari.`);
    place.replaceChildren(holder, said);
    picture.classList.add('replaced');
    const chart = draw(holder, given, said);
    const keys = element('p', '', { className: 'downloads' });
    for (const [words, act] of [['Lebih dekat', closer], ['Semua hari', whole]]) {
      const key = element('button', words, { type: 'button', className: 'plain small' });
      key.addEventListener('click', () => act(chart));
      keys.append(key, ' ');
    }
    place.append(keys);
    holder.addEventListener('keydown', (event) => {
      if (!['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(event.key)) return;
      event.preventDefault();
      walk(chart, event.key);
    });
    new ResizeObserver(() => {
      chart.setSize({ width: Math.max(holder.clientWidth, NARROWEST_PX), height: HEIGHT_PX });
    }).observe(place);
    holder.focus({ preventScroll: true });
  };

  for (const place of document.querySelectorAll('[data-lines]')) {
    const given = JSON.parse(place.dataset.lines);
    const picture = document.querySelector(`svg[aria-labelledby^="${given.key}-t "]`);
    if (!picture || given.days.length < DAYS_LEAST) continue;
    picture.after(place);
    place.hidden = false;
    const key = element('button', 'Lihat per hari dari dekat', { type: 'button', className: 'plain small' });
    key.addEventListener('click', () => {
      key.disabled = true;
      open(place, given, picture).catch(() => { key.disabled = false; });
    });
    place.append(key);
  }
})();
