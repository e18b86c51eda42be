import { Handle, MarkerType, Position, ReactFlow, useReactFlow, useStore } from '@xyflow/react'
import type { Edge, Node, NodeProps } from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { useEffect, useMemo } from 'react'
import { stateTones } from '../now/agent-card.tsx'
import type { AgentState } from '../now/agent-cards.ts'
import { AgentName } from '../ui/agent-name.tsx'
import { layOut } from './layout.ts'
import { keyOf } from './relations.ts'
import type { Relation } from './relations.ts'

type AgentNode = Node<{ readonly id: string; readonly role: string; readonly state: AgentState }>

/** Pixels. */
const size = { width: 210, height: 64 }
const fit = { padding: 0.12, maxZoom: 1.1 }

/** The relations as a picture. It says nothing that the table below does not say, and is therefore no stop for a screen reader or the keyboard. */
export function CollaborationGraph({
  relations,
  states,
}: {
  readonly relations: readonly Relation[]
  readonly states: ReadonlyMap<string, AgentState>
}) {
  const nodes = useMemo(() => nodesOf(relations, states), [relations, states])
  const edges = useMemo(() => relations.map(edgeOf), [relations])
  return (
    <div className="panel collaboration-graph" aria-hidden="true">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        disableKeyboardA11y
        minZoom={0.2}
        proOptions={{ hideAttribution: true }}
      >
        <Fitted agents={nodes.map(({ id }) => id).join()} />
      </ReactFlow>
    </div>
  )
}

/** Shows all of it again when an agent came or the room changed. */
function Fitted({ agents }: { readonly agents: string }) {
  const { fitView } = useReactFlow()
  const width = useStore((state) => state.width)
  useEffect(() => void fitView(fit), [fitView, width, agents])
  return null
}

function AgentInGraph({ data: { id, role, state } }: NodeProps<AgentNode>) {
  return (
    <div className="collaboration-agent" data-state={state}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <AgentName id={id} role={role} />
      <span className="badge" data-tone={stateTones[state]}>
        {state}
      </span>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  )
}

const nodeTypes = { agent: AgentInGraph }

function nodesOf(relations: readonly Relation[], states: ReadonlyMap<string, AgentState>): AgentNode[] {
  const roles = new Map(
    relations.flatMap(({ from, fromRole, to, toRole }) => [
      [from, fromRole],
      [to, toRole],
    ]),
  )
  return [...layOut(relations)].map(([id, position]) => ({
    id,
    type: 'agent',
    position,
    ...size,
    data: { id, role: roles.get(id) ?? id, state: states.get(id) ?? 'idle' },
  }))
}

function edgeOf(relation: Relation): Edge {
  const { from, to, times, failed, waiting } = relation
  const label = [
    times > 0 ? `${times.toLocaleString('en')} ×` : '',
    failed > 0 ? `${failed.toLocaleString('en')} failed` : '',
    waiting > 0 ? `${waiting.toLocaleString('en')} waiting` : '',
  ]
  const className = failed > 0 ? 'failed' : waiting > 0 ? 'waiting' : ''
  return {
    id: keyOf(relation),
    source: from,
    target: to,
    label: label.filter(Boolean).join(', '),
    className,
    animated: waiting > 0,
    markerEnd: { type: MarkerType.ArrowClosed, color: failed > 0 ? 'var(--bad)' : 'var(--border-strong)' },
    labelBgPadding: [6, 3],
    labelBgBorderRadius: 4,
  }
}
