"""What will be done for each customer, decided before anything is done."""
