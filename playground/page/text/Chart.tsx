import { useId } from 'react';
import { type Fields, fields, list, str } from './fields.ts';

/** Colours of the series, by their order; names of the style sheet. */
const COLOURS = ['--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5', '--chart-6'];
/** Slack takes fewer; what comes from outside may have more. */
const MOST = 100;
const WIDTH = 560;
const HEIGHT = 240;
const MARGIN = { top: 12, right: 12, bottom: 28, left: 48 };

interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

interface Drawing {
  readonly labels: readonly string[];
  readonly series: readonly Series[];
}

/** A `data_visualization` block: a picture, its names, and for those who can't see it its data as a table. */
export function Chart({ block }: { readonly block: Fields }) {
  const chart = fields(block['chart']);
  const axis = fields(chart['axis_config']);
  const kind = str(chart['type']);
  const titleId = useId();
  const drawing = kind === 'pie' ? ofPie(chart) : ofSeries(chart);
  if (drawing.labels.length === 0 || drawing.series.length === 0)
    return <p className="block-unknown">A chart without data.</p>;
  const [x, y] = [str(axis['x_label']), str(axis['y_label'])];
  const names = kind === 'pie' ? drawing.labels : drawing.series.map(({ name }) => name);
  return (
    <figure className="chart" aria-labelledby={titleId}>
      <figcaption id={titleId}>{str(block['title'])}</figcaption>
      {y !== '' && <p className="chart-axis">{y}</p>}
      {kind === 'pie' ? <Pie {...drawing} /> : <Axes kind={kind} {...drawing} />}
      {x !== '' && <p className="chart-axis chart-axis-x">{x}</p>}
      <ul className="chart-names" aria-hidden="true">
        {names.map((name, at) => (
          <li key={name}>
            <i style={{ background: colour(at) }} />
            {name}
          </li>
        ))}
      </ul>
      <table className="sr-only">
        <tbody>
          {drawing.labels.map((label, at) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {drawing.series.map(({ name, values }) => (
                <td key={name}>{values[at]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

const colour = (at: number) => `var(${COLOURS[at % COLOURS.length]})`;
const finite = (value: unknown) => (typeof value === 'number' && Math.abs(value) < 1e200 ? value : 0);

function ofPie(chart: Fields): Drawing {
  const segments = list(chart['segments']).slice(0, MOST);
  return {
    labels: segments.map((segment) => str(segment['label'])),
    series: [{ name: '', values: segments.map((segment) => Math.max(0, finite(segment['value']))) }],
  };
}

function ofSeries(chart: Fields): Drawing {
  const series = list(chart['series'])
    .slice(0, MOST)
    .map((one) => ({
      name: str(one['name']),
      values: list(one['data'])
        .slice(0, MOST)
        .map((point) => finite(point['value'])),
    }));
  return {
    labels: list(list(chart['series'])[0]?.['data'])
      .slice(0, MOST)
      .map((point) => str(point['label'])),
    series,
  };
}

function Pie({ labels, series }: Drawing) {
  const values = series[0]?.values ?? [];
  const sum = values.reduce((total, value) => total + value, 0) || 1;
  let from = 0;
  return (
    <svg viewBox="-110 -110 220 220" className="chart-pie" aria-hidden="true">
      {values.map((value, at) => {
        const path = slice(from / sum, (from + value) / sum);
        from += value;
        return <path key={labels[at]} d={path} fill={colour(at)} stroke="var(--bg)" strokeWidth="2" />;
      })}
    </svg>
  );
}

function slice(from: number, to: number): string {
  if (to - from > 0.9999) return 'M 0 -100 A 100 100 0 1 1 -0.01 -100 Z';
  const point = (turn: number) =>
    `${(100 * Math.sin(2 * Math.PI * turn)).toFixed(2)} ${(-100 * Math.cos(2 * Math.PI * turn)).toFixed(2)}`;
  return `M 0 0 L ${point(from)} A 100 100 0 ${to - from > 0.5 ? 1 : 0} 1 ${point(to)} Z`;
}

function Axes({ kind, labels, series }: Drawing & { readonly kind: string }) {
  const all = series.flatMap(({ values }) => values);
  const ticks = ticksOf(Math.min(0, ...all), Math.max(0, ...all));
  const [least, most] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const [width, height] = [WIDTH - MARGIN.left - MARGIN.right, HEIGHT - MARGIN.top - MARGIN.bottom];
  const yOf = (value: number) => MARGIN.top + height - ((value - least) / (most - least || 1)) * height;
  const step = width / labels.length;
  const xOf = (at: number) => MARGIN.left + step * (at + 0.5);
  const every = Math.ceil(labels.length / 8);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="chart-axes" aria-hidden="true">
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={yOf(tick)} y2={yOf(tick)} />
          <text x={MARGIN.left - 6} y={yOf(tick) + 4} textAnchor="end">
            {tick.toLocaleString('en-US')}
          </text>
        </g>
      ))}
      {labels.map((label, at) =>
        at % every === 0 ? (
          <text key={label} x={xOf(at)} y={HEIGHT - 8} textAnchor="middle">
            {label.length > 12 ? `${label.slice(0, 11)}…` : label}
          </text>
        ) : null,
      )}
      {series.map(({ name, values }, index) => {
        if (kind === 'bar') {
          const bar = (step * 0.8) / series.length;
          return values.map((value, at) => (
            <rect
              key={`${name} ${labels[at]}`}
              x={xOf(at) - step * 0.4 + bar * index}
              width={Math.max(1, bar - 1)}
              y={Math.min(yOf(value), yOf(0))}
              height={Math.abs(yOf(value) - yOf(0))}
              fill={colour(index)}
            />
          ));
        }
        const points = values.map((value, at) => `${xOf(at).toFixed(1)},${yOf(value).toFixed(1)}`);
        const area = `${xOf(0)},${yOf(0)} ${points.join(' ')} ${xOf(values.length - 1)},${yOf(0)}`;
        return (
          <g key={name}>
            {kind === 'area' && <polygon points={area} fill={colour(index)} opacity="0.35" />}
            <polyline points={points.join(' ')} fill="none" stroke={colour(index)} strokeWidth="2" />
          </g>
        );
      })}
    </svg>
  );
}

/** Four to seven round numbers that hold all values. */
function ticksOf(least: number, most: number): number[] {
  const rough = (most - least || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((one) => power * one >= rough) ?? 10);
  const from = Math.floor(least / step);
  const to = Math.ceil(most / step) || 1;
  // What is too large or too small for steps has none.
  if (!(to - from <= 20)) return [least, most];
  return Array.from({ length: to - from + 1 }, (_, at) => Number(((from + at) * step).toPrecision(12)));
}
