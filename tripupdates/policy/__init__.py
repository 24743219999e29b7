"""The school's social-media policy, as checks on words."""
