import { stringify } from 'yaml'
import { alertGroups } from './alerts.ts'
import { aggregates, daily, sloRules } from './recording.ts'
import type { RuleGroup } from './rule.ts'

const heading = '# Made by `npm run generate` from prometheus/src; changes here are lost.\n'

/** File name → YAML of the rules, the same on every run. */
export function ruleFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['recording.yml', yamlOf([sloRules, aggregates, daily])],
    ['alerts.yml', yamlOf(alertGroups)],
  ])
}

function yamlOf(groups: readonly RuleGroup[]): string {
  return heading + stringify({ groups }, { lineWidth: 0 })
}
