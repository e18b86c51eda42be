// Writes the boards and rules that are made from code: `npm run generate` after a change; a test compares.
import { writeFileSync } from 'node:fs'
import { dashboardFiles } from '../grafana/src/dashboard-files.ts'
import { ruleFiles } from '../prometheus/src/rule-files.ts'

const folders = { 'grafana/dashboards': dashboardFiles(), 'prometheus/rules': ruleFiles() }

for (const [folder, files] of Object.entries(folders)) {
  for (const [name, text] of files) writeFileSync(new URL(`../${folder}/${name}`, import.meta.url), text)
  console.log(`${folder}: ${[...files.keys()].join(', ')}`)
}
