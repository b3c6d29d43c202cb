"""From the committed templates to stacks: packaging, translation, CloudFormation. Knows endpoints, not emulators."""
