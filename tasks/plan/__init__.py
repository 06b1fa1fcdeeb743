"""What is to be done for each customer, decided before anything is sent."""
