import telemetry  # noqa: F401 - before the crew, so that all of it is seen

from crew import crew

print(crew.kickoff(inputs={"athlete": "a-17"}))
