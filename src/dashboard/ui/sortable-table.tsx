import { useMemo, useState } from 'react'
import type { ReactNode } from 'react'
import './sortable-table.css'

export interface Column<Row> {
  readonly name: string
  /** What it is sorted by; what is not known comes last. */
  readonly value: (row: Row) => string | number | undefined
  /** Words rather than a number. The first column is always one of words. */
  readonly isText?: true
  /** Default: the value. */
  readonly cell?: (row: Row) => ReactNode
}

/** Rows that are drawn; the others are counted below. */
const maxRows = 100

/** A table that is sorted by the buttons in its head. The first column names its rows; numbers begin with the greatest. */
export function SortableTable<Row>({
  caption,
  columns,
  rows,
  keyOf,
  sortedBy,
}: {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  /** Name of the column that it is sorted by at first. */
  readonly sortedBy: string
}) {
  const [order, setOrder] = useState<Order>({ by: sortedBy, direction: 'descending' })
  const sorted = useMemo(() => sortRows(rows, columns, order), [rows, columns, order])
  return (
    <div className="table-frame">
      <table className="table">
        <caption>{caption}</caption>
        <Head columns={columns} order={order} onOrder={setOrder} />
        <tbody>
          {sorted.slice(0, maxRows).map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column, index) => (
                <Cell key={column.name} column={column} row={row} isName={index === 0} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > maxRows && (
        <p className="footnote">
          The first {maxRows} of {sorted.length.toLocaleString('en')}, in this order.
        </p>
      )}
    </div>
  )
}

function Head<Row>({
  columns,
  order,
  onOrder,
}: {
  readonly columns: readonly Column<Row>[]
  readonly order: Order
  readonly onOrder: (order: Order) => void
}) {
  return (
    <thead>
      <tr>
        {columns.map(({ name, isText }, index) => (
          <th key={name} scope="col" data-text={isText} aria-sort={order.by === name ? order.direction : undefined}>
            <button type="button" onClick={() => onOrder(nextOrder(order, name, index === 0))}>
              {name}
            </button>
          </th>
        ))}
      </tr>
    </thead>
  )
}

function Cell<Row>({
  column: { cell, value, isText },
  row,
  isName,
}: {
  readonly column: Column<Row>
  readonly row: Row
  readonly isName: boolean
}) {
  const content = cell === undefined ? value(row) : cell(row)
  return isName ? <th scope="row">{content}</th> : <td data-text={isText}>{content}</td>
}

interface Order {
  readonly by: string
  readonly direction: 'ascending' | 'descending'
}

function nextOrder({ by, direction }: Order, name: string, isName: boolean): Order {
  if (by === name) return { by, direction: direction === 'ascending' ? 'descending' : 'ascending' }
  return { by: name, direction: isName ? 'ascending' : 'descending' }
}

function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], { by, direction }: Order): Row[] {
  const value = columns.find(({ name }) => name === by)?.value
  if (value === undefined) return [...rows]
  const sign = direction === 'ascending' ? 1 : -1
  return rows.toSorted((a, b) => {
    const [one, other] = [value(a), value(b)]
    if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined)
    const isText = typeof one === 'string' || typeof other === 'string'
    return sign * (isText ? String(one).localeCompare(String(other)) : one - other)
  })
}
