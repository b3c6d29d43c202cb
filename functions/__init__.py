"""The two layers: application and ml. They never import each other."""
