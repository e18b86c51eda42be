export interface RecordingRule {
  readonly record: string
  readonly expr: string
}

export interface AlertingRule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: 'critical' | 'warning' | 'info' | 'none'; readonly component: string }
  readonly annotations: {
    readonly summary: string
    readonly description: string
    readonly runbook_url: string
    readonly dashboard: string
  }
}

export interface RuleGroup {
  readonly name: string
  readonly interval?: string
  readonly rules: readonly (RecordingRule | AlertingRule)[]
}

export interface AlertSpec {
  readonly name: string
  readonly expr: string
  readonly for?: string
  readonly severity: AlertingRule['labels']['severity']
  readonly summary: string
  readonly description: string
}

/** Alerts of one component; each has a heading of its name in docs/alerts.md. */
export function alerts(component: string, board: string, specs: readonly AlertSpec[]): RuleGroup {
  return {
    name: `auren-${component}`,
    rules: specs.map(({ name, expr, severity, summary, description, ...timing }) => ({
      alert: name,
      expr,
      ...timing,
      labels: { severity, component },
      annotations: {
        summary,
        description,
        runbook_url: `docs/alerts.md#${name.toLowerCase()}`,
        dashboard: `/d/${board}`,
      },
    })),
  }
}
