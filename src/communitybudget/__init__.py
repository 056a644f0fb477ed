"""Cost-benefit modelling for multi-agency family programmes."""
