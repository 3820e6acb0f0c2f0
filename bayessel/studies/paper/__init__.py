"""Studies of the paper's two parameters, eps_loss and eps_draw."""
